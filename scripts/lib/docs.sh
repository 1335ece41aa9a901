# shellcheck shell=bash
# Sourced by test-clusters, whose functions and variables it uses: runs the commands that stand in the pages and in each command's
# --help, as a shell reads them. In front of the programs stand those of integration-tests/docs, which make less work of them.
#
# A block of commands is one script, so that it ends with the first that fails; its log has each command before what it printed.

readonly PAGES=(README.md docs/models/{gpt2,llama,bert,t5,transformer,recurrent,baselines}.md CONTRIBUTING.md
  docs/{tokenizers,data,training,resuming,generation,inside,gpu,performance}.md)

# What blocks have that are run by others: the two commands of the set-up; those that need PyTorch; and those of a database, by the part
# data. The pages of clusters are run by the parts of their names.
readonly ELSEWHERE='scripts/quickstart |integration-tests/parity/compare|DATABASE_PASSWORD|configs/rows.yaml'

# Writes a page's block of commands, after an edit that names what is here: write_block SCRIPT PAGE NUMBER [SED]
write_block() {
  awk -v wanted="$3" '/^```bash$/ {++number; inside = 1; next} /^```/ {inside = 0} inside && number == wanted' "$root/$2" |
    sed -E "${4:-}" >"$1"
  [[ -s $1 ]] || fail "The page has no such block of commands: page=$2 block=$3"
}

# Begins a script in a folder: start_script NAME FOLDER SCRIPT
start_script() {
  start_job "$1" env -C "$2" bash -eux -o pipefail "$3" </dev/null
}

# Counts a script as passed when all of its commands succeed: run_script TITLE NAME FOLDER SCRIPT
run_script() {
  start_script "${@:2}"
  judge_end "$1" "$job" 0 "$WORK/$2.log" ''
}

# Begins a block of a cluster's page, in a folder whose run.yaml trains the model that all train:
# start_page NAME PAGE NUMBER DATA RUN SED
start_page() {
  make_page_folder "$1"
  sed "s|^prepare: {|&input: hdfs:///text, |" "$WORK/run.yaml" >"$WORK/$1/run.yaml"
  printf 'data: %s\nrun: %s\n' "$4" "$5" >>"$WORK/$1/run.yaml"
  write_block "$WORK/$1.sh" "$2" "$3" "$6"
  start_script "$1" "$WORK/$1" "$WORK/$1.sh"
}

# A folder with the distribution's programs and manifests where a checkout has them.
make_page_folder() {
  mkdir -p "$WORK/$1/scripts"
  ln -s "$distribution"/bin/* "$distribution/kubernetes" "$WORK/$1/scripts/"
}

# Runs a page's block: run_block FOLDER PAGE NUMBER [SED]
run_block() {
  local name
  name=docs-$(basename "$2" .md)-$3
  write_block "$WORK/$name.sh" "${@:2}"
  if grep -qE "$ELSEWHERE" "$WORK/$name.sh"; then
    return
  fi
  run_script "$2: block $3" "$name" "$1" "$WORK/$name.sh"
}

# Every command of the command line, those of bench too, one a line.
command_names() {
  local name inner
  for name in $(subcommands); do
    echo "$name"
    for inner in $(subcommands "$name"); do
      echo "$name $inner"
    done
  done
}

subcommands() {
  "$distribution/bin/shardfire" "$@" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

# The examples at the end of a command's --help.
write_examples() {
  # shellcheck disable=SC2086 # a name may be two words
  "$distribution/bin/shardfire" $2 --help | sed -n '/^Examples\{0,1\}:/,$s/^  //p' >"$1"
}

# A folder where the programs of integration-tests/docs stand in front, as scripts/ of a checkout too.
make_world() {
  local name
  world=$WORK/docs
  mkdir -p "$world/scripts"
  ln -s "$root/configs" "$world/configs"
  ln -s "$root/integration-tests" "$world/integration-tests"
  for name in shardfire spark-submit python tensorboard; do
    ln -s "$root/integration-tests/docs/$name" "$world/scripts/$name"
  done
  for name in standalone yarn kubernetes; do
    ln -s "$root/integration-tests/docs/submit" "$world/scripts/submit-$name"
  done
  ln -s "$root/scripts/gpu-report" "$world/scripts/gpu-report"
  export DISTRIBUTION=$distribution PATH=$world/scripts:$PATH
  POCL_CACHE_DIR=${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl/kcache}
  export POCL_CACHE_DIR
}

# What the pages take for granted: texts and rows. The text is there twice, so that four contexts of it are left to validate with.
make_texts() {
  local i name
  mkdir -p "$world"/{texts,books,logs,numbers}
  cat "$WORK/text.txt" "$WORK/text.txt" | tee "$world/books/a.txt" "$world/poems.txt" | gzip >"$world/texts/a.txt.gz"
  sed 's/.*/{"body": "&"}/' "$world/poems.txt" | gzip >"$world/logs/a.jsonl.gz"
  printf 'Once upon a time\nThe end\n' >"$world/prompts.txt"
  mkdir -p "$world"/hdfs/{text,runs} "$world/docs"
  cp "$world/poems.txt" "$world/hdfs/text/"
  {
    echo 'english,french'
    for ((i = 0; i < 300; i++)); do echo "number $i,nombre $i"; done
  } >"$world/pairs.csv"
  for ((i = 0; i < 200; i++)); do printf 'number %d\tnombre %d\n' "$i" "$i"; done >"$world/numbers.tsv"
  cat >"$WORK/docs-rows.sql" <<SQL
CREATE TEMPORARY VIEW pages AS SELECT array_join(transform(sequence(1, 9), i -> md5(concat(id, i))), ' ') AS body, id AS size FROM range(300);
CREATE TEMPORARY VIEW reviews AS SELECT concat('a review, number ', id, ', of some film') AS review, id % 5 AS stars FROM range(300);
CREATE TEMPORARY VIEW talks AS SELECT array(named_struct('role', 'user', 'content', concat('What is the number after ', id, '?')),
  named_struct('role', 'assistant', 'content', concat('It is ', id + 1, '.'))) AS conversation FROM range(300);
SQL
  for name in pages reviews talks; do
    echo "INSERT OVERWRITE DIRECTORY '$world/$name.parquet' USING parquet SELECT * FROM $name;"
    if [[ $name == talks ]]; then
      echo "INSERT OVERWRITE DIRECTORY '$world/talks' USING json SELECT * FROM talks;"
    else
      echo "INSERT OVERWRITE DIRECTORY '$world/$name' USING parquet SELECT * FROM $name;"
    fi
  done >>"$WORK/docs-rows.sql"
  finish docs-rows env -C "$world" "$SPARK_HOME/bin/spark-sql" --master 'local[2]' --conf spark.driver.host=127.0.0.1 --conf spark.ui.enabled=false \
    -f "$WORK/docs-rows.sql"
}

# ... and corpora and runs, of few steps where a page does not name a step.
make_runs() {
  cat >"$world/run.yaml" <<YAML
data: corpora/yaml
run: runs/yaml
prepare: {input: texts, tokenizer: bpe, vocabularySize: 400}
model: {layers: 2, heads: 2, width: 32, context: 64}
training: {microBatch: 2, logicalShards: 2}
YAML
  cat >"$WORK/docs-runs.sh" <<'SH'
train() {
  "$DISTRIBUTION/bin/shardfire" pretrain -c run.yaml --set training.evaluateEvery=0 --set training.evaluationBatches=1 --set training.keepCheckpoints=9 "$@"
}
shardfire prepare -c run.yaml
train --set training.steps=1000 --set training.checkpointEvery=500 --run runs/quickstart
for positions in learned sinusoidal rope alibi none; do
  train --set training.steps=4 --set model.positions=$positions --run runs/$positions
done
shardfire pretrain -c run.yaml
shardfire prepare -c run.yaml --added-tokens bert -o corpora/bert
train --data corpora/bert --set model.preset=bert-nano --set training.steps=400 --set training.checkpointEvery=200 --run run
shardfire prepare --format parquet -i talks.parquet --column messages=conversation --validation-fraction 0.1 -o corpora/talks
train --data corpora/talks --set training.steps=4 --run runs/talks
mkdir models
for model in gpt2 models/gpt2; do
  ln -s "$PWD/runs/quickstart/step-00001000" $model
done
ln -s run/step-00000400 bert
ln -s corpora/mine corpus
ln -s quickstart runs/small
ln -s quickstart runs/large
ln -s llama-1337 runs/llama-1
ln -s ../demo/run runs/gpt2-1337
ln -s ../demo/run runs/gpt2-1
ln -s ../numbers/run runs/numbers
ln -s ../../runs/quickstart hdfs/runs/gpt2
SH
  run_script "the runs that pages take for granted" docs-runs "$world" "$WORK/docs-runs.sh"
}

test_docs() {
  local page number name
  step "Commands of the documentation"
  command -v jq >/dev/null || install_packages jq
  make_world
  make_texts
  make_runs
  for page in "${PAGES[@]}"; do
    for ((number = 1; number <= $(grep -c '^```bash$' "$root/$page"); number++)); do
      run_block "$world" "$page" "$number"
    done
  done
  while read -r name; do
    write_examples "$WORK/docs-help-${name// /-}.sh" "$name"
    run_script "shardfire $name --help: the examples" "docs-help-${name// /-}" "$world" "$WORK/docs-help-${name// /-}.sh"
  done < <(command_names)
}
