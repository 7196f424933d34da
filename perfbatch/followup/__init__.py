"""What people wrote back: workpapers, answers, the ledger; and what results say about the next year."""
