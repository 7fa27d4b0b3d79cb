#include "secret/programs.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

constexpr std::string_view kPgVariables =
    "PGHOST:h PGHOSTADDR:h PGPORT:p PGUSER:u PGDATABASE:d PGPASSWORD:w";
constexpr std::string_view kPgDump =
    "-h:h --host:h -p:p --port:p -U:u --username:u -d:d --dbname:d -f:o --file:o -F:v --format:v "
    "-j:v "
    "--jobs:v -n:v --schema:v -N:v --exclude-schema:v -t:v --table:v -T:v --exclude-table:v "
    "--exclude-table-data:v -E:v --encoding:v -Z:v --compress:v -S:v --superuser:v --role:v "
    "--lock-wait-timeout:v --section:v --snapshot:v -l:v --database:d --extra-float-digits:v "
    "--rows-per-insert:v -e:v --extension:v --exclude-database:v";
constexpr std::string_view kPgRestore =
    "-h:h --host:h -p:p --port:p -U:u --username:u -d:d --dbname:d -f:o --file:o -F:v --format:v "
    "-j:v "
    "--jobs:v -n:v --schema:v -N:v --exclude-schema:v -t:v --table:v -P:v --function:v -I:v "
    "--index:v "
    "-T:v --trigger:v -L:v --use-list:v -S:v --superuser:v --role:v --section:v";
constexpr std::string_view kPsql =
    "-h:h --host:h -p:p --port:p -U:u --username:u -d:d --dbname:d -c:e --command:e -f:i --file:i "
    "-v:v "
    "--set:v --variable:v -o:o --output:o -L:o --log-file:o -F:v --field-separator:v -R:v "
    "--record-separator:v -T:v --table-attr:v -P:v --pset:v";
constexpr std::string_view kPgBase =
    "-h:h --host:h -p:p --port:p -U:u --username:u -d:d --dbname:d -D:o --pgdata:o -F:v --format:v "
    "-r:v "
    "--max-rate:v -T:v -t:v --target:v -X:v --wal-method:v -Z:v --compress:v -c:v --checkpoint:v "
    "-l:v "
    "--label:v -s:v -S:v --slot:v --waldir:v";
constexpr std::string_view kPgTool =
    "-h:h --host:h -p:p --port:p -U:u --username:u -d:d --dbname:d -D:v -E:v -l:v -O:v -T:v -t:v "
    "--maintenance-db:v -j:v";

constexpr std::string_view kMyVariables = "MYSQL_HOST:h MYSQL_TCP_PORT:p MYSQL_PWD:w";
constexpr std::string_view kMyDump =
    "-h:h --host:h -P:p --port:p -u:u --user:u -p:W --password:w -r:o --result-file:o -T:o --tab:o "
    "-w:e --where:e --ignore-table:v --tables:v -S:v --socket:v --protocol:v --ssl-mode:v "
    "--ssl-ca:v "
    "--default-character-set:v --max-allowed-packet:v --set-gtid-purged:v";
constexpr std::string_view kMyClient =
    "-h:h --host:h -P:p --port:p -u:u --user:u -p:W --password:w -D:d --database:d -e:e "
    "--execute:e "
    "-S:v --socket:v --protocol:v --ssl-mode:v --ssl-ca:v --default-character-set:v "
    "--init-command:e";
constexpr std::string_view kMyParallel =
    "-h:h --host:h -P:p --port:p -u:u --user:u -p:w --password:w -B:d --database:d -s:d "
    "--source-db:d "
    "-o:o --outputdir:o -d:i --directory:i -t:v --threads:v -x:v --regex:v -T:v --tables-list:v";

constexpr std::string_view kMongoTool =
    "--uri:U -h:h --host:h --port:p -u:u --username:u -p:w --password:w -d:d --db:d -c:v "
    "--collection:v "
    "-o:o --out:o -q:e --query:e --dir:i -f:v --fields:v --authenticationDatabase:v "
    "--authenticationMechanism:v --nsInclude:v --nsExclude:v --nsFrom:v --nsTo:v --file:i --type:v "
    "-j:v --numParallelCollections:v";
constexpr std::string_view kMongoShell =
    "--host:h --port:p -u:u --username:u -p:w --password:w --eval:e -f:i --file:i "
    "--authenticationDatabase:v --authenticationMechanism:v --tlsCAFile:v";

constexpr std::string_view kRedis =
    "-h:h -p:p -a:w --pass:w --user:u -u:U -n:d -s:v -r:v -i:v --rdb:o --functions-rdb:o "
    "--cacert:v "
    "--cert:v --key:v -x: -e: --pipe:";

constexpr std::string_view kRsync =
    "-e:e --rsh:e --password-file:v --exclude:v --include:v --exclude-from:v --include-from:v "
    "--files-from:v -f:v --filter:v --bwlimit:v --port:v --log-file:v --chown:v --chmod:v -T:v "
    "--temp-dir:v --link-dest:v --compare-dest:v --rsync-path:v --timeout:v";
constexpr std::string_view kScp = "-P:v -i:v -o:v -F:v -S:v -c:v -J:v -l:v";
constexpr std::string_view kAws =
    "--profile:v --region:v --endpoint-url:U --exclude:v --include:v --acl:v --storage-class:v "
    "--sse:v "
    "--sse-kms-key-id:v --query:v --output:v --only-show-errors:";
constexpr std::string_view kCopydb =
    "--source:F -S:F --target:U -T:U --dir:o --table-jobs:v --index-jobs:v --filters:v --filter:v "
    "--snapshot:v --slot-name:v --plugin:v";
constexpr std::string_view kCurl =
    "-u:b --user:b -H:e --header:e -d:e --data:e --data-raw:e --data-binary:e --json:e -F:e "
    "--form:e "
    "-X:v --request:v -o:o --output:o -T:i --upload-file:i --url:U -A:v -e:v -b:e --cookie:e -m:v "
    "--max-time:v --connect-timeout:v --retry:v --cacert:v --cert:v --key:v -x:v --resolve:v -w:v "
    "--write-out:v --oauth2-bearer:w -U:b --proxy-user:b";
constexpr std::string_view kWget =
    "-O:o --output-document:o --header:e --post-data:e --user:u --password:w --http-user:u "
    "--http-password:w -q: -t:v --tries:v -T:v --timeout:v -P:v";
constexpr std::string_view kSqlcmd =
    "-S:h -d:d -U:u -P:w -Q:e -q:e -i:i -o:o -l:v -t:v -h:v -s:v -v:v -W: -E: -C: -b:";
constexpr std::string_view kClickhouse =
    "-h:h --host:h --port:p -u:u --user:u --password:w -d:d --database:d -q:e --query:e";

// Sorted by name.
constexpr auto kPrograms = std::to_array<MovingProgram>({
    {"aws", "s3", kAws, Positionals::kBuckets, {}},
    {"bcp", "sqlserver", kSqlcmd, Positionals::kNone, {}},
    {"clickhouse-client", "clickhouse", kClickhouse, Positionals::kNone, {}},
    {"createdb", "postgres", kPgTool, Positionals::kDatabase, kPgVariables},
    {"curl", "", kCurl, Positionals::kUris, {}},
    {"dropdb", "postgres", kPgTool, Positionals::kDatabase, kPgVariables},
    {"firebreak", "", "--policy:v --masks:v --key:v --schema:v -o:o", Positionals::kNone, {}},
    {"gsutil", "gs", "", Positionals::kBuckets, {}},
    {"mariadb", "mariadb", kMyClient, Positionals::kDatabase, kMyVariables},
    {"mariadb-dump", "mariadb", kMyDump, Positionals::kDatabase, kMyVariables},
    {"mc", "s3", "", Positionals::kNone, {}},
    {"mongo", "mongodb", kMongoShell, Positionals::kMongo, {}},
    {"mongodump", "mongodb", kMongoTool, Positionals::kUris, {}},
    {"mongoexport", "mongodb", kMongoTool, Positionals::kUris, {}},
    {"mongoimport", "mongodb", kMongoTool, Positionals::kUris, {}},
    {"mongorestore", "mongodb", kMongoTool, Positionals::kUris, {}},
    {"mongosh", "mongodb", kMongoShell, Positionals::kMongo, {}},
    {"mydumper", "mysql", kMyParallel, Positionals::kNone, {}},
    {"myloader", "mysql", kMyParallel, Positionals::kNone, {}},
    {"mysql", "mysql", kMyClient, Positionals::kDatabase, kMyVariables},
    {"mysqldump", "mysql", kMyDump, Positionals::kDatabase, kMyVariables},
    {"mysqlpump", "mysql", kMyDump, Positionals::kDatabase, kMyVariables},
    {"pg_basebackup", "postgres", kPgBase, Positionals::kNone, kPgVariables},
    {"pg_dump", "postgres", kPgDump, Positionals::kDatabase, kPgVariables},
    {"pg_dumpall", "postgres", kPgDump, Positionals::kNone, kPgVariables},
    {"pg_restore", "postgres", kPgRestore, Positionals::kNone, kPgVariables},
    {"pgcopydb", "postgres", kCopydb, Positionals::kNone,
     "PGCOPYDB_SOURCE_PGURI:F PGCOPYDB_TARGET_PGURI:U"},
    {"pgloader", "", "--with:v --set:v --cast:v --type:v --field:v", Positionals::kUris, {}},
    {"psql", "postgres", kPsql, Positionals::kDatabase, kPgVariables},
    {"rclone", "", "--config:v", Positionals::kRemote, {}},
    {"redis-cli", "redis", kRedis, Positionals::kCommand, "REDISCLI_AUTH:w"},
    {"rsync", "ssh", kRsync, Positionals::kRemote, "RSYNC_PASSWORD:w"},
    {"s3cmd", "s3", "-c:v --config:v", Positionals::kBuckets, {}},
    {"scp", "ssh", kScp, Positionals::kRemote, {}},
    {"sqlcmd", "sqlserver", kSqlcmd, Positionals::kNone, "SQLCMDSERVER:h SQLCMDPASSWORD:w"},
    {"valkey-cli", "redis", kRedis, Positionals::kCommand, "REDISCLI_AUTH:w"},
    {"wget", "", kWget, Positionals::kUris, {}},
});
static_assert(std::ranges::is_sorted(kPrograms, {}, &MovingProgram::name));

}  // namespace

const MovingProgram* find_program(std::string_view name) {
  const auto* const at = std::ranges::lower_bound(kPrograms, name, {}, &MovingProgram::name);
  return at != kPrograms.end() && at->name == name ? at : nullptr;
}

std::string_view rowless_option(const MovingProgram& program, std::span<const std::string> words) {
  const auto given = [&](std::string_view brief, std::string_view full) {
    return std::ranges::any_of(words,
                               [&](const std::string& w) { return w == brief || w == full; });
  };
  constexpr std::string_view kSchema = "--schema-only";
  constexpr std::string_view kNoData = "--no-data";
  const bool postgres =
      program.name == "pg_dump" || program.name == "pg_dumpall" || program.name == "pg_restore";
  if (postgres) return given("-s", kSchema) ? kSchema : std::string_view();
  const bool mysql =
      program.name == "mysqldump" || program.name == "mariadb-dump" || program.name == "mydumper";
  if (mysql) return given("-d", kNoData) ? kNoData : std::string_view();
  return {};
}

ArgumentRole role_in(std::string_view list, std::string_view name) {
  std::size_t at = 0;
  while (at < list.size()) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    const std::string_view entry = list.substr(at, end - at);
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == ':') {
      return entry.size() > name.size() + 1 ? static_cast<ArgumentRole>(entry[name.size() + 1])
                                            : ArgumentRole::kNone;
    }
    at = end + 1;
  }
  return ArgumentRole::kNone;
}

}  // namespace firebreak
