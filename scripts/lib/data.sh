# shellcheck shell=bash
# Sourced by test-clusters: corpora of rows, with a PostgreSQL of its own and Spark in local mode. What it calls and
# counts with is test-clusters' own.

readonly DATA_USER=reader
readonly DATA_PASSWORD=correct-horse # in no file that prepare or pretrain leaves
readonly DATA_ROWS=3000

install_postgres() {
  local packages=()
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
  [[ -e /usr/share/java/postgresql.jar ]] || packages+=(libpostgresql-jdbc-java)
  # PostgreSQL refuses to be root's.
  as_owner=()
  ((EUID != 0)) || as_owner=(runuser -u postgres --)
  ((${#packages[@]} == 0)) || install_packages "${packages[@]}"
  postgres_bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
  postgres_jar=$(readlink -f /usr/share/java/postgresql.jar)
}

# A server on a free port of this machine, which asks for the password, and a table of texts.
start_postgres() {
  postgres_data=$(mktemp -d "${TMPDIR:-/tmp}/shardfire-postgres-XXXXXX")
  postgres_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  ((EUID != 0)) || chown postgres "$postgres_data"
  (cd "$postgres_data" && "${as_owner[@]}" bash -c "printf %s '$DATA_PASSWORD' >password")
  finish initdb "${as_owner[@]}" "$postgres_bin/initdb" -D "$postgres_data/db" -U "$DATA_USER" -A scram-sha-256 \
    --pwfile "$postgres_data/password" --encoding UTF8 --no-locale
  finish postgres "${as_owner[@]}" "$postgres_bin/pg_ctl" -D "$postgres_data/db" -w -l "$postgres_data/log" \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_data -c fsync=off" start
  sql "CREATE TABLE documents AS SELECT id,
      CASE WHEN id % 100 = 0 THEN NULL WHEN id % 50 = 0 THEN ' ' ELSE
        'Document ' || id % 2000 || ' says ' || repeat(substr('low lower newest widest ', 1 + id % 7, 9), 1 + id % 5) END AS body,
      CASE WHEN id % 3 = 0 THEN 'de' ELSE 'en' END AS language
    FROM generate_series(1, $DATA_ROWS) AS id"
}

sql() {
  PGPASSWORD=$DATA_PASSWORD psql -q -h 127.0.0.1 -p "$postgres_port" -U "$DATA_USER" -d postgres -v ON_ERROR_STOP=1 -c "$1"
}

stop_postgres() {
  "${as_owner[@]}" "$postgres_bin/pg_ctl" -D "$postgres_data/db" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$postgres_data"
}

# submit_data CLASS OPTION... [-- ARGUMENT...]: spark-submit with options of its own
submit_data() {
  local class=$1 options=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  timeout "$DEADLINE" "$SPARK_HOME/bin/spark-submit" --master 'local[2]' --conf spark.driver.host=127.0.0.1 --conf spark.ui.enabled=false \
    --conf spark.driver.memory=1g "${options[@]}" --class "io.shardfire.jobs.$class" "$jobs_jar" "$@"
}

# A job that must succeed: submitted NAME CLASS OPTION... -- ARGUMENT...
submitted() {
  if ! submit_data "${@:2}" >"$WORK/$1.log" 2>&1; then
    show "$WORK/$1.log"
    fail "$1 has failed"
  fi
}

jdbc_options() {
  jdbc=(--format jdbc --option "url=jdbc:postgresql://127.0.0.1:$postgres_port/postgres" --option dbtable=documents
    --option driver=org.postgresql.Driver --option "user=$DATA_USER" --option "password=\${env:DATABASE_PASSWORD}"
    --column text=body --where "language = 'en'" --deduplicate exact)
}

# What training reads of a corpus.
digest() {
  (cd "$1" && sha256sum ./*.tokens ./*.documents tokenizer.json)
}

# expect NAME CONDITION...: one line for a check
expect() {
  if "${@:2}"; then
    echo "ok      $1"
    passed=$((passed + 1))
  else
    echo "FAILED  $1, logs $WORK/data-*.log"
    failed=$((failed + 1))
  fi
}

same_corpora() {
  diff <(digest "$1") <(digest "$2")
}

# refused LOG LINE PROGRAM...: it fails, and says so in one line of its own
refused() {
  ! "${@:3}" >"$WORK/$1.log" 2>&1 && grep -q "^error: $2" "$WORK/$1.log" && ! grep -q '^\s*at org\.\(apache\|postgresql\)' "$WORK/$1.log"
}

absent() {
  ! grep -rqF "$DATA_PASSWORD" "$@"
}

# Runs a block of docs/data.md, which must succeed: page_job NAME NUMBER
page_job() {
  local here=jdbc:postgresql://127.0.0.1:$postgres_port/postgres
  make_page_folder "$1"
  write_block "$WORK/$1.sh" docs/data.md "$2" "/^export/d; s|^spark-submit|$SPARK_HOME/bin/& --master local[2] --conf spark.driver.host=127.0.0.1 --conf spark.ui.enabled=false|
    s|postgresql.jar|$postgres_jar|; s|shardfire-jobs.jar|$jobs_jar|; s|configs/rows.yaml|$root/& --set prepare.options.url=$here|
    s|jdbc:postgresql://db.example/support|$here|; s|--output [^ ]*|& --vocabulary-size 300|"
  finish "$1" env -C "$WORK/$1" bash -eux "$WORK/$1.sh"
}

test_data() {
  local jdbc url=jdbc:postgresql://127.0.0.1:1/postgres
  step "Rows: PostgreSQL, CSV, and training in one application"
  find_jobs_jar
  install_postgres
  rm -rf "$WORK"/data-*
  start_postgres
  trap 'stop_postgres; end_all' EXIT
  jdbc_options
  export DATABASE_PASSWORD=$DATA_PASSWORD

  submitted data-jdbc Prepare --jars "$postgres_jar" -- "${jdbc[@]}" --vocabulary-size 300 --output "file://$WORK/data-jdbc"
  sql "COPY documents TO STDOUT WITH (FORMAT csv, HEADER)" >"$WORK/data-rows.csv"
  submitted data-csv Prepare -- --format csv --option header=true --input "file://$WORK/data-rows.csv" --column text=body \
    --where "language = 'en'" --deduplicate exact --vocabulary-size 300 --output "file://$WORK/data-csv"
  expect "PostgreSQL and CSV make the same corpus" same_corpora "$WORK/data-jdbc" "$WORK/data-csv"

  page_job data-page-prepare 3
  expect "docs/data.md: rows of a database become a corpus" test -s "$WORK/data-page-prepare/corpora/documents/tokenizer.json"
  page_job data-page-train 4
  expect "docs/data.md: rows become a model in one application" compgen -G "$WORK/data-page-train/rows/run/step-*/provenance.json"
  expect "no password is left in corpora, checkpoints and logs" absent "$WORK"/data-*

  DATABASE_PASSWORD=wrong expect "a wrong password is refused in one line" refused data-password \
    'Cannot read: source=input format=jdbc reason=FATAL: password authentication failed for user "reader"' \
    submit_data Prepare --jars "$postgres_jar" -- "${jdbc[@]}" --output "file://$WORK/data-none"
  expect "a database that does not answer is named" refused data-unreachable \
    'Cannot read: source=input format=jdbc reason=Connection to 127.0.0.1:1 refused' \
    submit_data Prepare --jars "$postgres_jar" -- "${jdbc[@]}" --option "url=$url" --output "file://$WORK/data-none"
  expect "a missing driver is named" refused data-driver \
    'Cannot read: source=input format=jdbc reason=org.postgresql.Driver. Give the jar of the' \
    submit_data Prepare -- "${jdbc[@]}" --output "file://$WORK/data-none"
  expect "nothing is left of what failed" test -z "$(find "$WORK" -maxdepth 1 -name '*data-none*' -not -name '*.log')"
  stop_postgres
  trap end_all EXIT
}
