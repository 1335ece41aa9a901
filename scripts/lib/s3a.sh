# shellcheck shell=bash
# Sourced by test-clusters, whose functions and variables it uses: corpus, run and checkpoints on an S3 server of this machine, trained
# by the standalone cluster. The server is built by Go, and kept in ${XDG_CACHE_HOME:-~/.cache}/shardfire/s3.

# Checks signatures, has conditional writes, keeps each object in a file of its name, and is under the Apache licence.
readonly S3_SERVER=github.com/versity/versitygw/cmd/versitygw@v1.8.0

# What a user gives: Hadoop's connector, and of Amazon's library the 17 MB that it needs instead of all 600.
readonly S3_HADOOP=3.4.2 S3_SDK=2.29.52
readonly S3_PACKAGES=org.apache.hadoop:hadoop-aws:$S3_HADOOP,software.amazon.awssdk:s3:$S3_SDK,software.amazon.awssdk:s3-transfer-manager:$S3_SDK

listens() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Its bucket is a folder, and so are those of the runs. The credentials are in the environment of it and of drivers alone.
start_s3() {
  local port=17000
  while listens "$port"; do
    ((++port))
  done
  s3_files=$WORK/s3
  s3_endpoint=http://127.0.0.1:$port
  mkdir -p "$s3_files/shardfire/text"
  cp "$WORK/text.txt" "$s3_files/shardfire/text/"
  AWS_ACCESS_KEY_ID=shardfire
  AWS_SECRET_ACCESS_KEY=$(od -An -N 20 -tx1 /dev/urandom | tr -d ' \n')
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
  ROOT_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID ROOT_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY \
    start s3 "$s3_server" --quiet --port "127.0.0.1:$port" posix --default-etag '"copied"' "$s3_files"
  await "the S3 server" listens "$port"
}

# submit_s3a NAME prepare|pretrain ARGUMENTS...
submit_s3a() {
  start_job "s3a-$1" "$distribution/bin/submit-standalone" --master "$master" --executor-cores 1 --total-executor-cores 2 \
    --packages "$S3_PACKAGES" --exclude-packages software.amazon.awssdk:bundle \
    --conf "spark.hadoop.fs.s3a.endpoint=${endpoint:-$s3_endpoint}" --conf spark.hadoop.fs.s3a.endpoint.region=us-east-1 \
    --conf spark.hadoop.fs.s3a.path.style.access=true "$2" --config "$WORK/run.yaml" "${@:3}"
}

# pretrain_s3a NAME RUN ARGUMENTS...
pretrain_s3a() {
  submit_s3a "$1" pretrain --data s3a://shardfire/corpus --run "s3a://shardfire/runs/$2" "${@:3}"
}

test_s3a() {
  local log training leaks
  step "S3: a server, and a standalone cluster"
  install_go_program "$S3_SERVER" "${XDG_CACHE_HOME:-$HOME/.cache}/shardfire/s3"
  s3_server=$go_program
  # Spark takes a folder of ~/.m2 for a whole library, also where Maven has left nothing but its POM.
  export SPARK_SUBMIT_OPTS=-Duser.home=${XDG_CACHE_HOME:-$HOME/.cache}/shardfire/s3/home
  start_standalone
  start_s3

  submit_s3a prepare prepare --input s3a://shardfire/text --output s3a://shardfire/corpus
  await "the corpus" ended "$job"
  wait "$job" || { show "$WORK/s3a-prepare.log" && fail "The corpus cannot be prepared on S3"; }

  log=$WORK/s3a-killed.log
  pretrain_s3a killed killed
  training=$job
  await_job grep -q '^step 100  checkpoint' "$log"
  signal -9 "$(executors "$log" | head -n 1)"
  pretrain_s3a second killed --resume
  judge_end "s3a: a second driver" "$job" 1 "$WORK/s3a-second.log" 'The run folder belongs to a run that is going on'
  judge "s3a: an executor killed" "$training" s3a://shardfire/runs/killed "$log" '^RESTART 1 .* 2 ranks'

  log=$WORK/s3a-stopped.log
  pretrain_s3a stopped stopped
  await_job grep -q '^step 100  checkpoint' "$log"
  signal -TERM "$job"
  await "the end of the driver" ended "$job"
  log=$WORK/s3a-resumed.log
  pretrain_s3a resumed stopped --resume
  judge "s3a: stopped and resumed" "$job" s3a://shardfire/runs/stopped "$log" '^action *resume from step [1-9]'

  start_page s3a-page docs/clusters/object-stores.md 1 unused unused \
    "/^export/d; $(standalone_edit); s|https://store.example:9000|$s3_endpoint|; s|s3a://bucket|s3a://shardfire|g"
  judge "s3a: the commands of its page" "$job" s3a://shardfire/runs/first "$WORK/s3a-page.log"

  AWS_SECRET_ACCESS_KEY=wrong pretrain_s3a wrong-secret refused
  judge_end "s3a: a wrong secret" "$job" 1 "$WORK/s3a-wrong-secret.log" '^error: The object store refuses these credentials'
  endpoint=http://127.0.0.1:1 pretrain_s3a no-answer refused
  judge_end "s3a: a store that does not answer" "$job" 1 "$WORK/s3a-no-answer.log" '^error: The object store does not answer'
  submit_s3a no-bucket pretrain --data s3a://nowhere/corpus --run s3a://shardfire/runs/refused
  judge_end "s3a: a missing bucket" "$job" 1 "$WORK/s3a-no-bucket.log" '^error: The object store has no such bucket'

  leaks=$(grep -rlF "$AWS_SECRET_ACCESS_KEY" "$WORK" || true)
  if [[ -z $leaks ]]; then
    count_ok "s3a: no log and no folder has the secret"
  else
    count_failed "s3a: the secret is in $leaks"
  fi
}
