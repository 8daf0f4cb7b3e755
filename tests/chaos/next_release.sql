-- What a next release might bring: a column that today's does not know, in a
-- table that it writes all the time.
ALTER TABLE budget.reservations ADD COLUMN next_note text;
CREATE INDEX next_denials ON budget.denials (last_time);
