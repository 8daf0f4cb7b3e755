-- Ending a reservation was an update that every index of the table took part
-- in. PostgreSQL updates a row in place (HOT) where there is room in its page
-- and no index, nor the condition of one, has a column that changed. So the
-- page keeps room for a second version of each row, and what is due is found
-- along the time of expiry, which an end does not change, from roots.next_due
-- on. Ended ones are passed by on the way.

ALTER TABLE budget.reservations SET (fillfactor = 50);

DROP INDEX budget.reservations_due;
-- For looking up what is due only, which repeats the condition.
CREATE INDEX reservations_expiry ON budget.reservations (root, expires_at)
  WHERE reserve_sequence >= 0;

-- What has ended long ago was made longer ago still.
DROP INDEX budget.reservations_ended;
CREATE INDEX reservations_made ON budget.reservations USING brin (created_at);

-- Changes seldom beside the rest of the row: see kLookAhead in the store's loader.
CREATE INDEX roots_next_due ON budget.roots (next_due)
  WHERE next_due IS NOT NULL;
