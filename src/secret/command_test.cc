#include <gmock/gmock.h>

#include "secret/testing.h"

namespace firebreak {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<CommandStep> steps_of(const std::vector<std::string>& words,
                                  const std::vector<PlainVariable>& env = {}) {
  return scan_command(words, env, test_keys());
}
std::vector<CommandStep> shell(const std::string& text,
                               const std::vector<PlainVariable>& env = {}) {
  return steps_of({"sh", "-c", text}, env);
}

// "pg_dump postgres/db:5432/app/user |" for each step: program, targets, pipe.
std::string picture(const std::vector<CommandStep>& steps) {
  std::string out;
  for (const CommandStep& step : steps) {
    if (!out.empty()) out += " ";
    out += step.program.empty() ? "?" : step.program;
    for (const Target& target : step.targets) {
      out += " " + target.scheme + "/" + target.host;
      if (target.port) out += ":" + std::to_string(target.port->value);
      if (!target.database.empty() || !target.user.empty()) out += "/" + target.database;
      if (!target.user.empty()) out += "/" + target.user;
    }
    if (!step.secrets.empty()) out += " *" + std::to_string(step.secrets.size());
    out += step.pipes_into_next ? " |" : ";";
  }
  return out;
}

TEST(ScanCommand, SeesTheCopyDownWordForWord) {
  const auto steps = shell("pg_dump production_db | psql staging_db");
  ASSERT_THAT(steps, SizeIs(2));
  EXPECT_EQ(steps[0].program, "pg_dump");
  EXPECT_THAT(steps[0].targets,
              ElementsAre(Target{"postgres", "", std::nullopt, "production_db", ""}));
  EXPECT_TRUE(steps[0].pipes_into_next);
  EXPECT_EQ(steps[1].program, "psql");
  EXPECT_THAT(steps[1].targets,
              ElementsAre(Target{"postgres", "", std::nullopt, "staging_db", ""}));
  EXPECT_FALSE(steps[1].pipes_into_next);
}

struct Case {
  std::string text;
  std::string picture;
};

TEST(ScanCommand, ReadsOptionsOfEachProgram) {
  const std::vector<Case> cases{
      {"pg_dump -h prod-db -p 5433 -U app shop", "pg_dump postgres/prod-db:5433/shop/app;"},
      {"pg_dump --host=prod-db --port=5433 --username=app --dbname=shop",
       "pg_dump postgres/prod-db:5433/shop/app;"},
      {"pg_dump -hprod-db -dshop -Fc -j4", "pg_dump postgres/prod-db/shop;"},
      {"pg_dump -Fc -f /x --no-owner -t 'public.*' shop", "pg_dump postgres//shop;"},
      {"pg_dump postgresql://app:Tq8zLm3Kp9@prod-db/shop", "pg_dump postgres/prod-db/shop/app *1;"},
      {"pg_dump 'host=prod-db dbname=shop user=app password=Tq8zLm3Kp9'",
       "pg_dump postgres/prod-db/shop/app *1;"},
      {"pg_dumpall -h prod-db", "pg_dumpall postgres/prod-db;"},
      {"pg_basebackup -h prod-db -D /data -X stream", "pg_basebackup postgres/prod-db;"},
      {"pg_restore -h staging-db -d shop /dump.bin", "pg_restore postgres/staging-db/shop;"},
      {"psql -h staging-db shop app -c 'select 1'", "psql postgres/staging-db/shop;"},
      {"psql postgresql:///shop?host=/run/postgresql", "psql postgres//run/postgresql/shop;"},
      {"PGHOST=prod-db PGDATABASE=shop PGPASSWORD=Tq8zLm3Kp9 pg_dump",
       "pg_dump postgres/prod-db/shop *1;"},
      {"mysqldump -h prod-db -P 3307 -u root -pTq8zLm3Kp9 shop",
       "mysqldump mysql/prod-db:3307/shop/root *1;"},
      {"mysqldump --password=Tq8zLm3Kp9 --databases a b", "mysqldump mysql//a mysql//b *1;"},
      {"mysql -h staging-db -uroot -p shop", "mysql mysql/staging-db/shop/root;"},
      {"mariadb-dump --host prod-db shop", "mariadb-dump mariadb/prod-db/shop;"},
      {"mongodump --uri=mongodb://u:Tq8zLm3Kp9@m1,m2/shop --out /x",
       "mongodump mongodb/m1/shop/u mongodb/m2/shop/u *1;"},
      {"mongorestore -h rs0/m1:27017,m2:27017 -d shop /x",
       "mongorestore mongodb/m1:27017/shop mongodb/m2:27017/shop;"},
      {"mongosh prod-mongo:27018/shop", "mongosh mongodb/prod-mongo:27018/shop;"},
      {"redis-cli -h prod-redis -a Tq8zLm3Kp9 --rdb /x", "redis-cli redis/prod-redis *1;"},
      {"redis-cli -h stage-redis REPLICAOF prod-redis 6380",
       "redis-cli redis/prod-redis:6380 redis/stage-redis;"},
      {"rsync -az -e 'ssh -p 22' root@prod-1:/var/lib/data /data", "rsync ssh/prod-1 ssh/;"},
      {"scp /dump.sql ops@staging-1:/tmp/", "scp ssh/ ssh/staging-1;"},
      {"aws s3 cp s3://prod-backups/x.gz . --region eu-west-1", "aws s3/prod-backups;"},
      {"aws s3 sync s3://prod s3://staging", "aws s3/prod s3/staging;"},
      {"pgcopydb clone --source postgres://prod/shop --target postgres://staging/shop",
       "pgcopydb postgres/prod/shop postgres/staging/shop;"},
      {"pgcopydb clone --target postgres://staging/shop --source postgres://prod/shop",
       "pgcopydb postgres/prod/shop postgres/staging/shop;"},
      {"pgloader mysql://prod-db/shop postgresql://staging-db/shop",
       "pgloader mysql/prod-db/shop postgres/staging-db/shop;"},
      {"sqlcmd -S tcp:prod-sql,1434 -d shop -U sa -P Tq8zLm3Kp9",
       "sqlcmd sqlserver/prod-sql:1434/shop/sa *1;"},
      {"curl -u app:Tq8zLm3Kp9 https://api.example.com/v1/x", "curl https/api.example.com *1;"},
      {"curl -H 'Authorization: Bearer Tq8zLm3Kp9vVx2' https://api.example.com",
       "curl https/api.example.com *1;"}};
  for (const Case& c : cases) EXPECT_EQ(picture(shell(c.text)), c.picture) << c.text;
}

TEST(ScanCommand, TellsDumpsWithoutRowsApart) {
  const std::vector<Case> cases{
      {"pg_dump -s -h prod-db shop | psql dev",
       "pg_dump --schema-only postgres/prod-db/shop | psql postgres//dev;"},
      {"pg_dump --schema-only shop", "pg_dump --schema-only postgres//shop;"},
      {"pg_restore -s -d shop /x", "pg_restore --schema-only postgres//shop;"},
      {"mysqldump --no-data shop", "mysqldump --no-data mysql//shop;"},
      {"pg_dump -t s shop", "pg_dump postgres//shop;"},
      {"psql -s shop", "psql postgres//shop;"}};
  for (const Case& c : cases) EXPECT_EQ(picture(shell(c.text)), c.picture) << c.text;
}

TEST(ScanCommand, ReadsCrontabs) {
  const std::string copy = "pg_dump postgres/prod-db/shop | psql postgres/dev-db/shop;";
  const std::string words = "pg_dump -h prod-db shop | psql -h dev-db shop";
  for (const std::string& line :
       {"echo '0 3 * * * " + words + "' | crontab - && crond -f",
        "printf '*/5 * * * mon-fri " + words + "\\n' > /etc/crontabs/root; crond",
        "echo \"@daily " + words + "\" >> /etc/crontabs/root", "0 3 * * * " + words,
        "SHELL=/bin/sh\n0 3 * * * root " + words + "\n"}) {
    EXPECT_EQ(picture(shell(line)), copy) << line;
  }
  EXPECT_THAT(shell("echo '0 3 of " + words + "'"), IsEmpty());
  EXPECT_THAT(shell("echo " + words.substr(0, 10)), IsEmpty());
}

TEST(ScanCommand, LooksThroughWrappers) {
  const std::vector<Case> cases{
      {"sudo -u postgres pg_dump shop", "pg_dump postgres//shop;"},
      {"timeout -k 5 10m nice -n 19 pg_dump shop", "pg_dump postgres//shop;"},
      {"env PGHOST=prod-db pg_dump shop", "pg_dump postgres/prod-db/shop;"},
      {"bash -lc \"pg_dump shop | psql -h staging-db shop\"",
       "pg_dump postgres//shop | psql postgres/staging-db/shop;"},
      {"su -c 'pg_dump shop' postgres", "pg_dump postgres//shop;"},
      {"docker exec prod-db pg_dump -U app shop | docker exec -i staging-db psql -U app shop",
       "pg_dump postgres/prod-db/shop/app | psql postgres/staging-db/shop/app;"},
      {"docker exec -e PGPASSWORD=Tq8zLm3Kp9 -u postgres prod-db sh -c 'pg_dump -h localhost shop'",
       "pg_dump postgres/prod-db/shop *1;"},
      {"docker compose -p shop exec -T db pg_dump shop", "pg_dump postgres/db/shop;"},
      {"docker-compose exec db mysqldump shop", "mysqldump mysql/db/shop;"},
      {"docker run --rm -e PGPASSWORD=Tq8zLm3Kp9 postgres:15 pg_dump -h prod-db shop",
       "pg_dump postgres/prod-db/shop *1;"},
      {"kubectl -n prod exec -it postgres-0 -- pg_dump shop", "pg_dump postgres/postgres-0/shop;"},
      {"ssh -i /key root@prod-1 'pg_dump shop' | psql -h staging-db shop",
       "pg_dump postgres/prod-1/shop | psql postgres/staging-db/shop;"},
      {"/usr/local/bin/gosu postgres /usr/bin/pg_dump shop", "pg_dump postgres//shop;"}};
  for (const Case& c : cases) EXPECT_EQ(picture(shell(c.text)), c.picture) << c.text;
}

TEST(ScanCommand, FollowsFilesBetweenSteps) {
  const std::vector<Case> cases{
      {"pg_dump a > /tmp/x; psql b < /tmp/x", "pg_dump postgres//a | psql postgres//b;"},
      {"pg_dump a -f /tmp/x && psql b -f /tmp/x", "pg_dump postgres//a | psql postgres//b;"},
      {"pg_dump -Fc a >/tmp/x 2>/dev/null\npg_restore -d b /tmp/x",
       "pg_dump postgres//a | pg_restore postgres//b;"},
      {"pg_dump a | gzip > /tmp/x.gz; gunzip -c /tmp/x.gz | psql b",
       "pg_dump postgres//a | ? | ? | psql postgres//b;"},
      {"pg_dump a > /tmp/x; cp /tmp/x /tmp/y; psql b < /tmp/y",
       "pg_dump postgres//a | psql postgres//b;"},
      {"mongodump -d a --out /d; mongorestore -d b /d/a",
       "mongodump mongodb//a | mongorestore mongodb//b;"},
      {"mysqldump a --result-file=/x.sql; mysql b -e 'source /x.sql'",
       "mysqldump mysql//a | mysql mysql//b;"},
      {"pg_dump a > /tmp/x; psql b < /tmp/z", "pg_dump postgres//a; psql postgres//b;"},
      {"(pg_dump a; pg_dump b) | psql c",
       "pg_dump postgres//a | pg_dump postgres//b | psql postgres//c;"},
      {"psql b < <(pg_dump a)", "pg_dump postgres//a | psql postgres//b;"},
      {"pg_dump a | firebreak mask | psql b",
       "pg_dump postgres//a | firebreak | psql postgres//b;"},
      {"pg_dump a || psql b", "pg_dump postgres//a; psql postgres//b;"},
      {"pg_dump a > /dev/null; psql b < /dev/null", "pg_dump postgres//a; psql postgres//b;"}};
  for (const Case& c : cases) EXPECT_EQ(picture(shell(c.text)), c.picture) << c.text;
}

TEST(ScanCommand, KnowsShellText) {
  const std::vector<Case> cases{
      {"set -e\n# pg_dump commented\nif pg_isready; then pg_dump a; fi", "pg_dump postgres//a;"},
      {"DB=a; pg_dump \"$DB\" -h ${HOST:-prod-db}", "pg_dump postgres/prod-db/a;"},
      {"export PGHOST=prod-db\npg_dump a", "pg_dump postgres/prod-db/a;"},
      {"for d in a b; do pg_dump a; done | psql c", "pg_dump postgres//a | psql postgres//c;"},
      {"X=$(psql -tc 'select 1' a); echo \"$X\"", "psql postgres//a;"},
      {"psql a <<'EOF'\npg_dump b | psql c\nEOF\npsql d", "psql postgres//a; psql postgres//d;"},
      {"while true; do sleep 60; pg_dump a|psql b; done",
       "pg_dump postgres//a | psql postgres//b;"},
      {"pg_dump -h \"$UNKNOWN\" a", "pg_dump postgres//a;"},
      {"echo hello world; ls -l /tmp", ""},
      {"cat /etc/passwd | grep root", ""}};
  for (const Case& c : cases) EXPECT_EQ(picture(shell(c.text)), c.picture) << c.text;
}

TEST(ScanCommand, UsesTheContainersVariables) {
  const std::vector<PlainVariable> env{
      {"PGHOST", "prod-db"}, {"PGPASSWORD", "Tq8zLm3Kp9"}, {"STAGE_DB", "shop_staging"}};
  EXPECT_EQ(picture(shell("pg_dump shop | psql -h stage $STAGE_DB", env)),
            "pg_dump postgres/prod-db/shop | psql postgres/stage/shop_staging;");
  EXPECT_EQ(picture(shell("docker exec other pg_dump shop", env)), "pg_dump postgres/other/shop;");
}

TEST(ScanCommand, ReadsPlainArguments) {
  EXPECT_EQ(picture(steps_of({"pg_dump", "-h", "prod-db", "shop"})),
            "pg_dump postgres/prod-db/shop;");
  EXPECT_EQ(picture(steps_of({"node", "server.js", "--db=postgres://u:Tq8zLm3Kp9@prod-db/shop"})),
            "? postgres/prod-db/shop/u *1;");
  EXPECT_EQ(picture(steps_of({"redis-server", "--requirepass", "x", "--masterauth", "y"})), "");
  EXPECT_EQ(picture(steps_of({"app", "--api-token", "Tq8zLm3Kp9vVx2"})), "? *1;");
  EXPECT_THAT(steps_of({}), IsEmpty());
  EXPECT_EQ(picture(steps_of({"pg_dump a | psql b"})), "pg_dump postgres//a | psql postgres//b;");
}

TEST(ScanCommand, SurvivesHostileText) {
  for (const std::string part :
       {"$(", "`", "((", "<<", "\"", "'", "${", "sh -c '", "a=$a$a;", "|", "docker exec "}) {
    std::string text;
    while (text.size() < 100000) text += part;
    (void)shell(text);
    (void)steps_of({text});
  }
}

}  // namespace
}  // namespace firebreak
