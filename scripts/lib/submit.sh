# shellcheck shell=bash
# Sourced by submit-yarn and submit-standalone: how a job is handed to spark-submit.
#
# What stands before the job's name is spark-submit's, what follows is the job's:
#   submit-X [--dry-run] [SPARK-SUBMIT OPTIONS] prepare|pretrain [ARGUMENTS]

spark_options=() # as given
job=             # prepare or pretrain
job_arguments=()
only_print=

fail() {
  printf 'error: %s\n' "$@" >&2
  exit 2
}

# Reads the command line; prints the text of the comment that heads the script for --help.
read_command_line() {
  while (($#)); do
    case $1 in
      prepare | pretrain)
        job=$1
        job_arguments=("${@:2}")
        return
        ;;
      --dry-run) only_print=1 ;;
      --kernel-cache)
        [[ ${2:-} == /* ]] || fail "--kernel-cache names a folder from the root: ${2:-}"
        spark_options+=(--conf "spark.executorEnv.POCL_CACHE_DIR=$2")
        shift
        ;;
      -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[-1]}"
        exit 0
        ;;
      --class | --jars) fail "$1 is chosen by this script: leave it out." ;;
      *) spark_options+=("$1") ;;
    esac
    shift
  done
  fail "No job: name prepare or pretrain, after the options of spark-submit. See --help."
}

# The value of an option of spark-submit, as "--name value" or "--name=value"; empty where it is not given.
spark_option() {
  local i
  for ((i = 0; i < ${#spark_options[@]}; i++)); do
    case ${spark_options[i]} in
      "$1") printf '%s\n' "${spark_options[i + 1]:-}" && return ;;
      "$1"=*) printf '%s\n' "${spark_options[i]#*=}" && return ;;
    esac
  done
}

# Whether a Spark setting is given by --conf KEY=...
has_setting() {
  local option
  for option in "${spark_options[@]}"; do
    [[ $option == "$1"=* || $option == "--conf=$1="* ]] && return 0
  done
  return 1
}

find_spark_submit() {
  if [[ -n ${SPARK_HOME:-} ]]; then
    [[ -x $SPARK_HOME/bin/spark-submit ]] || fail "SPARK_HOME=$SPARK_HOME has no bin/spark-submit; let it name a Spark, or unset it."
    printf '%s\n' "$SPARK_HOME/bin/spark-submit"
    return
  fi
  command -v spark-submit || fail "No spark-submit found: set SPARK_HOME, or put it on the PATH."
}

# The jobs' jar: in the distribution's lib/, beside bin/ or, in a checkout, under scripts/target/.
find_jar() {
  local jar
  for jar in "$1"/../lib/shardfire-jobs-*.jar "$1"/target/shardfire-*/lib/shardfire-jobs-*.jar; do
    if [[ -f $jar ]]; then
      printf '%s/%s\n' "$(cd -P "$(dirname "$jar")" && pwd)" "$(basename "$jar")"
      return
    fi
  done
  fail "The jobs' jar has not been built. Build it with: mvn -B -ntp -q package -DskipTests"
}

# Lets a driver inside the cluster read the configuration file: it is sent along, and read where the driver starts.
ship_configuration() {
  local i file prefix sent=()
  for ((i = 0; i < ${#job_arguments[@]}; i++)); do
    case ${job_arguments[i]} in
      -c | --config) ((++i)) && prefix= file=${job_arguments[i]:-} ;;
      -c=* | --config=*) prefix=${job_arguments[i]%%=*}= file=${job_arguments[i]#*=} ;;
      *) continue ;;
    esac
    [[ -f $file ]] || fail "No such configuration file: $file"
    [[ $file != *,* ]] || fail "spark-submit cannot send a file with a comma in its name: $file"
    sent+=("$file")
    job_arguments[i]=$prefix$(basename "$file")
  done
  ((${#sent[@]})) || return 0
  for ((i = 0; i < ${#spark_options[@]}; i++)); do
    case ${spark_options[i]} in
      --files) spark_options[i + 1]+=$(printf ',%s' "${sent[@]}") && return ;;
      --files=*) spark_options[i]+=$(printf ',%s' "${sent[@]}") && return ;;
    esac
  done
  spark_options+=(--files "$(IFS=, && printf '%s' "${sent[*]}")")
}

# Prints the command, and runs it unless only that was asked for. Arguments: the script's folder, then what it adds.
submit() {
  local here=$1 spark_submit jar command
  shift
  spark_submit=$(find_spark_submit)
  jar=$(find_jar "$here")
  command=("$spark_submit" "$@" "${spark_options[@]}" --class "io.shardfire.jobs.${job^}" "$jar" "${job_arguments[@]}")
  printf '%q ' "${command[@]}" >&2
  printf '\n' >&2
  if [[ -z $only_print ]]; then
    exec "${command[@]}"
  fi
}
