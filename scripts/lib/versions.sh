# shellcheck shell=bash
# Sourced by test-clusters: one jar on every Spark that it supports, in local-cluster mode, with the Java of JAVA_HOME.

# The newest of each minor version, and one that is refused.
readonly VERSIONS=(3.5.9 4.0.5 4.1.4 4.2.1 4.3.0)
readonly REFUSED_VERSION=3.4.4

# What a version lacks that only the launcher's own Spark needs to have: the numbers of demo-corpus.
readonly MAY_LACK='io/shardfire/driver/corpus/NumberNames$Names'

find_jobs_jar() {
  jobs_jar=$(find "$distribution/lib" -name 'shardfire-jobs-*.jar')
}

# Whether the jar finds in this Spark all that it was compiled against: links VERSION
links() {
  local log=$WORK/links-$1.log
  if java -cp "$SPARK_HOME/jars/*:$jobs_jar" "$root/jobs/src/test/java/io/shardfire/jobs/LinkCheck.java" \
    "$jobs_jar" io/shardfire/ "$MAY_LACK" >"$log" 2>&1; then
    count_ok "Spark $1: links"
  else
    count_failed "Spark $1: links, log $log"
  fi
}

# submit_version VERSION; its process is in $job
submit_version() {
  start_job "spark-$1" "$SPARK_HOME/bin/spark-submit" --master 'local-cluster[2,1,1024]' --conf spark.executor.memory=1g --conf spark.driver.host=127.0.0.1 \
    --conf spark.ui.enabled=false --class io.shardfire.jobs.Pretrain "$jobs_jar" --config "$WORK/run.yaml" \
    --data "file://$WORK/corpus" --run "file://$WORK/spark-$1"
}

test_version() {
  local log=$WORK/spark-$1.log
  fetch_spark "$1"
  links "$1"
  submit_version "$1"
  await_job grep -q '^step 100  checkpoint' "$log"
  signal -9 "$(executors "$log" | head -n 1)"
  judge "Spark $1: an executor killed" $job "file://$WORK/spark-$1" "$log" '^RESTART 1 .* 2 ranks'
}

test_refused_version() {
  local log=$WORK/spark-$1.log
  fetch_spark "$1"
  submit_version "$1"
  await "the refusal" ended "$job"
  if ! wait "$job" && grep -q "^error: Shardfire does not run on this Spark: version=$1 " "$log"; then
    count_ok "Spark $1: refused"
  else
    count_failed "Spark $1: not refused, log $log"
  fi
}

# test_versions [VERSION...]
test_versions() {
  local version
  step "Versions of Spark, with $(java -version 2>&1 | head -n 1)"
  find_jobs_jar
  for version in "${@:-${VERSIONS[@]}}"; do
    test_version "$version"
  done
  (($#)) || test_refused_version "$REFUSED_VERSION"
}
