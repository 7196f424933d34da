"""What is written: annotated copies, summary workbook, report, workpapers, records, console."""
