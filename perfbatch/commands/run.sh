#!/bin/sh
for name do
    shift
    case $name in /*|-*) ;; *) [ ! -e "$name" ] || name="$PWD/$name" ;; esac
    set -- "$@" "$name"
done
cd "$(dirname "$0")" || exit 3
PROGRAM={program}
[ -x "$PROGRAM" ] || chmod +x "$PROGRAM" 2>/dev/null
if "$PROGRAM" -m perfbatch --version >/dev/null 2>&1; then
    echo 正在处理，请不要关闭本窗口……
    "$PROGRAM" -m perfbatch run "$@"
    CODE=$?
    case $CODE in
    0|1|3) echo; echo "结果在 $PWD/output" ;;
    2) ;;
    *) echo "程序异常结束（代码 $CODE），没有完成；请把本窗口中的文字交给维护人员。"; CODE=3 ;;
    esac
else
    echo "找不到程序或不能运行：$PROGRAM"
    echo "请不要移动本文件夹中的“程序”，也不要在运行时移动本文件夹；仍不能运行的，请重新解压或重新安装。"
    CODE=2
fi
if [ -t 0 ] && [ -n "$DISPLAY$WAYLAND_DISPLAY" ]; then
    printf '按回车键关闭本窗口……'
    read -r _
fi
exit $CODE
