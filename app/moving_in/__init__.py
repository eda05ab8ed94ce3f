"""What a person brings along: a take-out of theirs, or a spreadsheet of days. The same through both doors."""
