enum JobJournalRoom {}
