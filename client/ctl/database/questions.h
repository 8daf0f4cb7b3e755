#ifndef BUDGET_CTL_DATABASE_QUESTIONS_H_
#define BUDGET_CTL_DATABASE_QUESTIONS_H_

namespace budget {

// What doctor asks PostgreSQL, in SQL. Each answer is a row of a name and a
// text, which is NULL where there is nothing to say.

// Of the server and this database: settings, room, age.
extern const char kServerQuestions[];
// Of the schema and the sweeper, where there is a schema.
extern const char kBudgetQuestions[];
// Who could change what is written, in schemas from kLockdownSchemaMin on.
inline constexpr int kLockdownSchemaMin = 5;
extern const char kLockdownQuestions[];
// The same of tokens, which not every role may see.
extern const char kTokenQuestions[];

}  // namespace budget

#endif  // BUDGET_CTL_DATABASE_QUESTIONS_H_
