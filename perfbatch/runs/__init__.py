"""What a run does: files to workers, bundles to one batch, outputs published; nothing here knows a form."""
