#!/bin/bash
# What packaging/test-systemd.sh runs in its machine.
passed=0 failed=0
# check WHAT COMMAND…: the command ends well.
check() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $what${said:+: ${said: -900}}"
  fi
}
not() { ! "$@"; }
# within SECONDS COMMAND…: it ends well within so long.
within() {
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $until ]; then "$@"; return; fi
    sleep 0.5
  done
}
hub() { shugu --dir /var/lib/shugu "$@"; }
active() { systemctl --quiet is-active "$@"; }
main() { systemctl show --value --property MainPID "$1"; }
# The main process of a unit is killed; of one that does not run, nothing.
killed() { [ "$(main "$1")" -gt 0 ] && kill -KILL "$(main "$1")"; }
pid_of() { pgrep --full --exact "sleep $1"; }
told() { journalctl --boot --quiet --unit "$1" | grep -q "$2"; }
# ended JOB FIELD: what it is told to have ended by.
ended() { hub job "$1" --json | grep -q "$2"; }
joined() { hub pools --json | grep -q '"contact": true'; }
serves() { curl --silent --fail http://127.0.0.1:7878/healthz; }
submit() { hub submit --cpus 0.1 "$@" >/dev/null; }

export DEBIAN_FRONTEND=noninteractive NO_COLOR=1
agent=shugu-agent@rack-1 keeper=shugu-keeper@rack-1
check "the package installs" dpkg --install /root/shugu_0.1.0+test1_amd64.deb
check "nothing is started" not active shugu.service

echo "== the hub"
check "its service starts" systemctl enable --now shugu.service
check "and serves once it has started" serves
check "as its own user" test "$(stat --format %U "/proc/$(main shugu)")" = shugu
check "without capabilities" grep -q 'CapBnd:.0000000000000000' "/proc/$(main shugu)/status"
check "behind a filter of system calls" grep -q 'Seccomp:.2' "/proc/$(main shugu)/status"
check "in a folder nobody else reads" test "$(stat --format '%U %a' /var/lib/shugu)" = "shugu 700"
check "it takes a tenant" hub tenant llm-lab --weight 2
echo 'listne = "x"' >>/etc/shugu/shugu.toml
check "wrong settings end it" not systemctl restart shugu.service
check "it is not tried again and again" test "$(systemctl show --value --property NRestarts shugu)" = 0
check "the line is told" told shugu 'shugu.toml line .* listne'
sed -i '$d' /etc/shugu/shugu.toml
check "put right, it starts" systemctl start shugu.service
killed shugu
check "killed, it is started again" within 90 serves

echo "== keeper and agent"
hub access pool rack-1 --provider sample >/etc/shugu/agents/rack-1.token 2>/dev/null
sed 's|^SHUGU_HUB=.*|SHUGU_HUB=http://127.0.0.1:7878|' /usr/share/doc/shugu/examples/agent.env >/etc/shugu/agents/rack-1.env
systemctl start $agent
check "an agent without its keeper says so" within 60 told $agent 'keeper of this pool is not running'
check "both start" systemctl enable --now $keeper $agent
check "the machine joins by the token in a file" within 90 joined
rm /etc/shugu/agents/rack-1.token
submit --memory 200MiB -- sleep 4321
check "a job runs" within 60 pid_of 4321
job=$(pid_of 4321)
group=/sys/fs/cgroup$(cut -d : -f 3 "/proc/$job/cgroup")
check "below the keeper's control group, in one of its own" grep -q "$keeper.service/.*/job-1.0$" "/proc/$job/cgroup"
check "whose memory the kernel keeps" grep -qx 209715200 "$group/memory.max"
check "without a way to rights" grep -q 'NoNewPrivs:.1' "/proc/$job/status"
check "without the agent's variables" not grep -qz '^SHUGU_HUB\|^SHUGU_TOKEN' "/proc/$job/environ"

# What a program finds: one line for each thing that is not as it should be.
cat >/usr/local/bin/look <<'S'
#!/bin/bash
touch /usr/of-a-job 2>/dev/null && echo "/usr can be written"
ls /proc/1 >/dev/null 2>&1 && echo "sees processes of others"
cat /var/lib/shugu/operator.token 2>/dev/null && echo "reads the hub's data"
ls /etc/shugu/agents 2>/dev/null && echo "reads tokens"
touch /tmp/of-a-job || echo "cannot write to /tmp"
touch /scratch/of-a-job || echo "cannot write where it may"
head -c 10 /dev/urandom >/dev/null || echo "has no devices"
getent hosts localhost >/dev/null || echo "knows no names"
unshare --user --map-root-user true || echo "cannot have a user namespace of its own"
taskset 1 true || echo "cannot pin itself"
[ "$(ulimit -l)" = unlimited ] || echo "cannot lock memory"
date --set tomorrow >/dev/null 2>&1 && echo "sets the clock"
echo looked
S
chmod 755 /usr/local/bin/look
install --directory --mode 1777 /scratch
submit -- look
check "a program ends well" within 60 ended job-2 '"exit_code": 0'
check "and finds what it needs, and nothing more" test "$(hub logs job-2)" = looked
check "others do not see its temporary files" not test -e /tmp/of-a-job
submit --memory 64MiB -- sh -c 'head -c 200M /dev/zero | tail'
check "one over its memory is ended for that" within 90 ended job-3 'used more memory than it asked for'
check "and no other" test "$(pid_of 4321)" = "$job"

echo "== agents come and go"
check "the agent is restarted" systemctl restart $agent
check "its job runs on" test "$(pid_of 4321)" = "$job"
killed $agent
check "killed, it is started again" within 90 active $agent
submit -- sleep 5
systemctl stop $agent
sleep 6
systemctl start $agent
check "what ended meanwhile is told, with its exit code, by an agent without a token" within 90 ended job-4 '"exit_code": 0'

echo "== an upgrade"
before=$(hub check --json 2>/dev/null | tr -d ' ",' | sed -n 's/^entries:\(.*\)/\1/p; s/^head:\(.*\)/\1/p' | paste -s -d :)
held="$(main $keeper) $(main shugu) $(main $agent)"
check "goes over what runs" dpkg --install /root/shugu_0.1.0+test2_amd64.deb
check "the hub is another process, and serves" within 90 serves
check "hub and agent are restarted, the keeper is not" bash -c '
  read -r keeper hub agent <<<"'"$held"'"
  [ "$(systemctl show --value --property MainPID '$keeper')" = "$keeper" ] &&
  [ "$(systemctl show --value --property MainPID shugu)" != "$hub" ] &&
  [ "$(systemctl show --value --property MainPID '$agent')" != "$agent" ]'
check "the job runs on" test "$(pid_of 4321)" = "$job"
check "the hub's past is what it was ($before)" hub check --expect "$before"
check "the tenant is known" bash -c "shugu --dir /var/lib/shugu tenants --json | grep -q llm-lab"

echo "== the keeper ends"
killed $keeper
check "its jobs end with it" within 60 not pid_of 4321
check "they are told to be lost" within 90 ended job-1 '"end": ".*lost'
submit -- true
check "and the next one runs, by the agent that the upgrade started" within 90 ended job-5 '"exit_code": 0'

echo "== removal"
check "the package is removed" dpkg --remove shugu
check "nothing runs any more" not pgrep --euid shugu,shugu-agent
check "the hub's data are kept" test -s /var/lib/shugu/journal.db
check "it is purged" dpkg --purge shugu
check "the data are kept: nobody said otherwise" test -s /var/lib/shugu/journal.db
check "nothing else is" not test -e /etc/shugu -o -e /etc/systemd/system/multi-user.target.wants/shugu.service
check "it installs again" dpkg --install /root/shugu_0.1.0+test2_amd64.deb
check "the hub knows what it knew" bash -c "systemctl start shugu && shugu --dir /var/lib/shugu tenants --json | grep -q llm-lab"
echo "shugu shugu/remove-data boolean true" | debconf-set-selections
check "it is purged, with its data" dpkg --purge shugu
check "they are gone" not test -e /var/lib/shugu -o -e /var/lib/shugu-agent

if [ $failed -ne 0 ]; then
  journalctl --boot --no-pager --unit shugu --unit $agent --unit $keeper | tail -60
fi
echo "$passed passed, $failed failed"
