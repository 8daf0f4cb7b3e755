-- With most roots of one allocation, the planner takes any index that begins
-- with the root for as good as the key itself, and then reads all of a big root
-- to find one row. To its eyes every root is big. For ANALYZE, from the next on.
ALTER TABLE budget.allocations ALTER COLUMN root SET (n_distinct = 200);
ALTER TABLE budget.limits ALTER COLUMN root SET (n_distinct = 200);
