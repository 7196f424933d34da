"""What results say about the next year: target-setting, the rectification ledger, last year's output."""
