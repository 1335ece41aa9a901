# shellcheck shell=bash
# Sourced by test-clusters, whose functions and variables it uses: runs on a real Kubernetes of one node, in a network
# namespace of its own. Needs root, Debian and Go; what was built is kept in ${XDG_CACHE_HOME:-~/.cache}/shardfire/kubernetes.

readonly KUBE_NAMESPACE=shardfire-test
readonly KUBE_IMAGE=localhost/shardfire:test
readonly kube=$WORK/kubernetes
readonly KUBE_PAGE=docs/clusters/kubernetes.md
readonly KUBE_DNS=github.com/coredns/coredns@v1.15.0

install_kubernetes() {
  local name packages=()
  for name in containerd:containerd runc:runc buildah:buildah debootstrap:debootstrap openssl:openssl ip:iproute2 kubectl:kubernetes-client iptables:iptables; do
    command -v "${name%%:*}" >/dev/null || packages+=("${name##*:}")
  done
  [[ -x /usr/lib/cni/bridge ]] || packages+=(containernetworking-plugins)
  ((${#packages[@]} == 0)) || install_packages "${packages[@]}"
  command -v go >/dev/null || fail "Go 1.26 or newer is missing, which builds Kubernetes."
}

# Go keeps what it has compiled in a cache of its own, so that a second build takes seconds.
build_program() {
  local copy=$kube_cache/source/$1
  mkdir -p "$copy"
  cp "$root/integration-tests/kubernetes/$1"/{main.go,go.mod} "$copy/"
  (cd "$copy" && export CGO_ENABLED=0 GOFLAGS=-mod=mod && go mod tidy && go build -ldflags '-s -w' -o "$kube_cache/$1" .) >"$WORK/build-$1.log" 2>&1 ||
    fail "$1 cannot be built, log $WORK/build-$1.log"
}

build_kubernetes() {
  step "Building Kubernetes (nine minutes of processor time the first time)"
  mkdir -p "$kube_cache"
  open_image_store
  build_program pause
  build_program etcd
  build_program control
  install_go_program "$KUBE_DNS" "$kube_cache"
  kube_dns=$go_program
  printf 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n' >"$WORK/pause.dockerfile"
  finish pause-image buildah bud --isolation chroot --layers --tag localhost/pause:1 -f "$WORK/pause.dockerfile" "$kube_cache"
  write_image localhost/pause:1 "$kube_cache/pause.tar"
}

# Images are built without a daemon, and kept apart from those of others.
open_image_store() {
  export CONTAINERS_STORAGE_CONF=$kube_cache/storage.conf
  printf '[storage]\ndriver = "overlay"\nrunroot = "%s/images-run"\ngraphroot = "%s/images"\n' "$kube_cache" "$kube_cache" >"$CONTAINERS_STORAGE_CONF"
}

# Writes an image where containerd reads it: write_image NAME ARCHIVE
write_image() {
  rm -f "$2"
  buildah push --quiet "$1" "docker-archive:$2:$1"
}

# No registry is asked: the base of the image comes from Debian's packages.
build_base_image() {
  local container
  buildah inspect --type image localhost/debian:bookworm >/dev/null 2>&1 && return
  debootstrap --variant=minbase bookworm "$kube_cache/base" >"$WORK/base.log" || fail "debootstrap has failed, log $WORK/base.log"
  rm -rf "$kube_cache"/base/var/cache/apt/archives/*.deb
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$kube_cache/base" / >/dev/null
  buildah commit --quiet --rm "$container" localhost/debian:bookworm >/dev/null
  rm -rf "$kube_cache/base"
}

build_shardfire_image() {
  step "Building the image"
  build_base_image
  make_page_folder kube-page
  write_block "$WORK/image.sh" "$KUBE_PAGE" 2 "s|^docker build|buildah bud --isolation chroot --layers --build-arg BASE=localhost/debian:bookworm|
    s|REGISTRY/shardfire:1|$KUBE_IMAGE|; s|scripts/target/shardfire-VERSION|$distribution|"
  finish image env -C "$WORK/kube-page" bash -eux "$WORK/image.sh"
  write_image "$KUBE_IMAGE" "$WORK/image.tar"
}

in_namespace() {
  nsenter "--net=/var/run/netns/$KUBE_NAMESPACE" "$@"
}

# Ends everything, the pods' processes too, which are containerd's and would outlive it.
end_kubernetes() {
  local pid
  ip netns delete "$KUBE_NAMESPACE" 2>/dev/null || true
  [[ -d $kube ]] || return 0
  if [[ -S $kube/containerd.sock ]]; then
    for pid in $(ctr --address "$kube/containerd.sock" --namespace k8s.io tasks list 2>/dev/null | awk 'NR > 1 {print $2}'); do
      kill -9 "$pid" 2>/dev/null || true
    done
  fi
  for pid in $(tac "$kube/pids" 2>/dev/null); do
    kill -9 "$pid" 2>/dev/null || true
  done
  for pid in $(pgrep -f "containerd-shim.* -address $kube/" || true); do
    kill -9 "$pid" 2>/dev/null || true
  done
  awk -v folder="$kube/" 'index($2, folder) == 1 {print $2}' /proc/mounts | sort -r | while read -r pid; do umount -l "$pid" 2>/dev/null || true; done
}

start_kubernetes() {
  step "Starting Kubernetes"
  ip netns add "$KUBE_NAMESPACE"
  trap 'end_kubernetes; end_all' EXIT
  in_namespace "$root/integration-tests/kubernetes/start" "$kube" "$kube_cache"
  export KUBECONFIG=$kube/admin.conf
  ctr --address "$kube/containerd.sock" --namespace k8s.io images import "$WORK/image.tar" >/dev/null
}

# A folder of this machine as the volume, and everything that the page tells to apply.
prepare_namespace() {
  volume=$kube/volume
  mkdir -p "$volume/runs"
  cp -r "$WORK/corpus" "$volume/corpus"
  chmod -R a+rwX "$volume"
  write_block "$WORK/kube-setup.sh" "$KUBE_PAGE" 3
  cat >>"$WORK/kube-setup.sh" <<SH
kubectl apply -f - <<YAML
apiVersion: v1
kind: PersistentVolume
metadata: {name: data}
spec:
  capacity: {storage: 100Gi}
  accessModes: [ReadWriteMany]
  hostPath: {path: $volume}
YAML
SH
  finish kube-setup nsenter "--net=/var/run/netns/$KUBE_NAMESPACE" env -C "$WORK/kube-page" bash -eu "$WORK/kube-setup.sh"
}

# submit_kubernetes NAME OPTIONS...: what stands before -- is the script's, what follows the job's
submit_kubernetes() {
  local name=$1 options=()
  shift
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  start_job "$name" nsenter "--net=/var/run/netns/$KUBE_NAMESPACE" "$distribution/bin/submit-kubernetes" --image "$KUBE_IMAGE" --name "$name" --driver-cores 0.3 --num-executors 2 --executor-cores 1 \
    --conf spark.kubernetes.executor.request.cores=0.3 "${options[@]}" pretrain --config "$WORK/run.yaml" \
    --data file:///data/corpus --run "file:///data/runs/$name" "${@:2}"
}

test_page() {
  start_page kube-submit "$KUBE_PAGE" 1 unused unused "s|^scripts/|nsenter --net=/var/run/netns/$KUBE_NAMESPACE &|; s|REGISTRY/shardfire:1|$KUBE_IMAGE|
    s/--num-executors 4 --executor-cores 8 --executor-memory 16g/--driver-cores 0.3 --num-executors 2 --executor-cores 1 --conf spark.kubernetes.executor.request.cores=0.3/"
  judge "Kubernetes: the commands of its page" "$job" "$volume/runs/first" "$WORK/kube-submit.log"
}

test_killed_executor() {
  local log=$WORK/kube-killed.log
  submit_kubernetes kube-killed
  await_job grep -q '^step 100  checkpoint' "$log"
  in_namespace kubectl --namespace shardfire delete pod --wait=false --grace-period=0 --force kube-killed-exec-1 >/dev/null 2>&1 || true
  judge "Kubernetes: an executor's pod deleted" $job "$volume/runs/kube-killed" "$log" '^RESTART 1 .* 2 ranks'
}

# Before, names that a pod asks for had no answer.
test_dns() {
  local log=$WORK/kube-dns.log pod address
  in_namespace "$root/integration-tests/kubernetes/start-dns" "$kube" "$kube_dns"
  submit_kubernetes kube-dns
  await_job grep -q '^step 100  checkpoint' "$log"
  pod=$(in_namespace kubectl --namespace shardfire get pods --selector job-name=kube-dns --output 'jsonpath={.items[0].metadata.name}')
  address=$(in_namespace kubectl --namespace shardfire exec "$pod" -- getent hosts kubernetes.default.svc.cluster.local || true)
  if [[ $address == 10.96.0.1\ * ]]; then
    judge "Kubernetes: with cluster DNS" $job "$volume/runs/kube-dns" "$log"
  else
    await "the end of the run" ended $job
    count_failed "Kubernetes: with cluster DNS: the driver's pod finds kubernetes.default.svc.cluster.local at ${address:-no address}"
  fi
}

# Whether the attempt after the one that was stopped goes on: resumed_after_stop LOG
resumed_after_stop() {
  awk '/^stopping/ {stopped = 1} stopped && /^going on after step/ {found = 1} END {exit !found}' "$1"
}

# Before that an executor fails by itself, whose pod Spark then deletes.
test_evicted_driver() {
  local log=$WORK/kube-evicted.log pod saved
  submit_kubernetes kube-evicted
  await_job grep -q '^step 100  checkpoint' "$log"
  signal -9 "$(pgrep -f '^java .*--podName kube-evicted-exec-2$')"
  await_job grep -q '^RESTART 1' "$log"
  await_job grep -q '^step 300  checkpoint' "$log"
  pod=$(in_namespace kubectl --namespace shardfire get pods --selector job-name=kube-evicted --output 'jsonpath={.items[0].metadata.name}')
  printf '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "%s"}}' "$pod" |
    in_namespace kubectl --namespace shardfire create --raw "/api/v1/namespaces/shardfire/pods/$pod/eviction" -f - >/dev/null
  await_job resumed_after_stop "$log"
  saved=$(sed -n '/^stopping/,/^going on/s/^step \([0-9]*\)  checkpoint.*/\1/p' "$log")
  judge "Kubernetes: the driver's pod evicted, its step ${saved:-missing} saved, resumed by the next pod" $job "$volume/runs/kube-evicted" "$log" \
    "^going on after step ${saved:-missing}"
}

test_refusals() {
  submit_kubernetes kube-image --image localhost/none:1 --start-timeout 15
  judge_end "Kubernetes: image missing" $job 1 "$WORK/kube-image.log" '^error: The driver has not started .*Err\(Image\|Pull\|ImageNeverPull\)\|ImagePullBackOff'

  in_namespace kubectl --namespace shardfire create quota tight --hard=pods=0 >/dev/null
  submit_kubernetes kube-quota --start-timeout 15
  judge_end "Kubernetes: quota exceeded by the driver" $job 1 "$WORK/kube-quota.log" '^error: The driver has not started .*exceeded quota'
  in_namespace kubectl --namespace shardfire patch quota tight --type merge --patch '{"spec": {"hard": {"pods": "1"}}}' >/dev/null
  submit_kubernetes kube-executors -- --set cluster.startTimeoutSeconds=60
  judge_end "Kubernetes: quota exceeded by the executors" $job 1 "$WORK/kube-executors.log" 'exceeded quota'
  in_namespace kubectl --namespace shardfire delete quota tight >/dev/null

  in_namespace kubectl create namespace shardfire-bare >/dev/null
  submit_kubernetes kube-account --namespace shardfire-bare --start-timeout 15
  judge_end "Kubernetes: service account missing" $job 1 "$WORK/kube-account.log" '^error: The driver has not started .*serviceaccount "shardfire-driver" not found'
  in_namespace kubectl --namespace shardfire-bare create serviceaccount shardfire-driver >/dev/null
  submit_kubernetes kube-volume --namespace shardfire-bare --start-timeout 15
  judge_end "Kubernetes: volume missing" $job 1 "$WORK/kube-volume.log" '^error: The driver has not started .*persistentvolumeclaim "shardfire-data" not found'

  in_namespace kubectl --namespace shardfire delete rolebinding shardfire-driver >/dev/null
  submit_kubernetes kube-rights
  judge_end "Kubernetes: rights missing" $job 1 "$WORK/kube-rights.log" '^error: Spark cannot start: .* is forbidden: User '
  in_namespace kubectl --namespace shardfire apply -f "$distribution/kubernetes/setup.yaml" >/dev/null

  submit_kubernetes kube-wrong -- --set model.layer=2
  judge_end "Kubernetes: wrong configuration, tried once" $job 2 "$WORK/kube-wrong.log" 'model.layers'
}

# What the driver's account has asked for must be what its role grants, neither more nor less.
test_rights() {
  local granted asked
  granted=$(in_namespace kubectl --namespace shardfire get role shardfire-driver \
    --output 'go-template={{range .rules}}{{$verbs := .verbs}}{{range .resources}}{{$resource := .}}{{range $verbs}}{{$resource}} {{.}}{{"\n"}}{{end}}{{end}}{{end}}' | sort -u)
  asked=$(python3 -c '
import json, sys
print("\n".join(sorted({"%s %s" % (r["objectRef"]["resource"], r["verb"]) for r in map(json.loads, sys.stdin) if "objectRef" in r})))' <"$kube/log/audit.log")
  if [[ $granted == "$asked" ]]; then
    count_ok "Kubernetes: rights of the driver's account"
  else
    count_failed "Kubernetes: rights granted and asked for differ:"
    diff <(echo "$granted") <(echo "$asked") || true
  fi
}

test_kubernetes() {
  kube_cache=${XDG_CACHE_HOME:-$HOME/.cache}/shardfire/kubernetes
  ((EUID == 0)) || fail "Kubernetes is started by root only."
  install_kubernetes
  build_kubernetes
  build_shardfire_image
  start_kubernetes
  prepare_namespace
  test_page
  test_killed_executor
  test_dns
  test_evicted_driver
  test_refusals
  test_rights
}
