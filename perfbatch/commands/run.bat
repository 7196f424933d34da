@echo off
chcp 936 >nul
title 预算项目绩效自评
setlocal DisableDelayedExpansion
pushd "%~dp0"
set ARGS=%*
set "PERFBATCH_SCRIPT=%~nx0"
set "PYTHON_WANTED={python}"
set "PYTHON=%PYTHON_WANTED%"
if not exist "%PYTHON%" goto other
"%PYTHON%" -m perfbatch --version >nul 2>nul
if "%ERRORLEVEL%"=="0" goto run

:other
set "PYTHON=py"
py -m perfbatch --version >nul 2>nul
if not "%ERRORLEVEL%"=="0" goto missing

:run
echo 正在处理，请不要关闭本窗口……
setlocal EnableDelayedExpansion
set "PERFBATCH_LINE=!cmdcmdline!"
"!PYTHON!" -m perfbatch run !ARGS!
set "CODE=!ERRORLEVEL!"
echo.
if "!CODE!"=="10" echo 处理完成，没有发现错误。结果在 output 文件夹。
if "!CODE!"=="11" echo 处理完成，发现有错误。请打开 output 文件夹中的“_批注”文件，按标色单元格的批注修改后重新运行。
if "!CODE!"=="12" echo 没有运行。请按上面的提示改正后，再双击本文件。
if "!CODE!"=="13" echo 有文件没有处理成功，其余的结果在 output 文件夹。请按上面的提示处理后，再双击本文件。
if "!CODE!"=="14" echo 没有完成。output 文件夹中如有结果，是以前的。请按上面的提示处理后，再双击本文件。
for %%C in (10 11 13) do if "!CODE!"=="%%C" if exist output start "" output
for %%C in (10 11 12 13 14) do if "!CODE!"=="%%C" goto end
echo 程序异常结束（代码 !CODE!），没有完成。output 文件夹中如有结果，可能是以前的。请把本窗口中的文字交给维护人员。
goto end

:missing
setlocal EnableDelayedExpansion
set "CODE=12"
echo 找不到安装了 perfbatch 的 Python：
echo     "!PYTHON_WANTED!"
echo 程序可能已被移动或删除。请按程序文件夹中 README.md 的第一条命令重新安装，
echo 再用 perfbatch init 在本文件夹重新生成“运行.bat”（先删除旧的）。

:end
echo.
pause
popd
for %%C in (10 11 12 13) do if "!CODE!"=="%%C" set /a CODE=CODE-10
if "!CODE!"=="14" set "CODE=3"
if not "!cmdcmdline:%~nx0=!"=="!cmdcmdline!" exit !CODE!
exit /b !CODE!
