# SPDX-License-Identifier: EUPL-1.2
# What the process cannot do, and what it never says.
. tests/scripts/lib.sh
. tests/sidecar/lib.sh

# The cell. Kernels without Landlock cannot show it, and rkod refuses to start on them when confine is full.
mkdir -p "$work/cell/facts" "$work/cell/record" && echo image >"$work/cell/policy.image"
"${BUILD:-build}/tests/sidecar/cell" "$work/cell" >"$work/cell.tap" 2>"$work/cell.err"
case $? in
3) pass "this kernel has no Landlock # SKIP $(cat "$work/cell.err")" ;;
*)
	while read -r line; do
		case $line in
		'ok '*) pass "${line#*- }" ;;
		'not ok '*) fail "${line#*- }" ;;
		esac
	done <"$work/cell.tap"
	has "every try was made" "1..29" "$(cat "$work/cell.tap")"
	;;
esac

# The type of what a caller said has no way into a log.
compiles() {
	printf '#include "tools/rkod/log.h"\nvoid f(const char *id, struct said said);\nvoid f(const char *id, struct said said)\n{\n\t(void)id, (void)said;\n\tLOG(LOG_INFO, "x", %s);\n}\n' "$1" |
		cc -std=gnu11 -fsyntax-only -I. -x c - 2>/dev/null
}
ok "a number can be logged" compiles 'FIELD("n", 3)'
ok "a text that was vouched for can be logged" compiles 'FIELD("path", shown("/run"))'
for field in 'FIELD("id", said)' 'FIELD("id", id)' 'FIELD("id", said.at)'; do
	if compiles "$field"; then fail "$field does not compile"; else pass "$field does not compile"; fi
done

# A canary in every place that a caller can fill: in no log, no metric, no error and no header of the answer.
ground cert tests/sidecar/cert.rko tests/sidecar/cert.yaml
starts cert --log=debug --tell-most=reasons --tell=reasons --route='GET /records/{id} read user record'
canary=kanarialintu
said=
for data in "{\"subject\":{\"type\":\"user\",\"id\":\"$canary\"},\"action\":{\"name\":\"read\"},\"resource\":{\"type\":\"record\",\"id\":\"$canary\"}}" \
	"{\"subject\":{\"type\":\"$canary\",\"id\":\"a\"},\"action\":{\"name\":\"$canary\"},\"resource\":{\"type\":\"$canary\",\"id\":\"a\"}}" \
	"{\"subject\":{\"type\":\"user\",\"id\":\"alice\",\"properties\":{\"$canary\":1}},\"action\":{\"name\":\"delete\",\"properties\":{\"soft\":\"$canary\"}},\"resource\":{\"type\":\"record\",\"id\":\"record-1\"},\"context\":{\"$canary\":\"$canary\"}}" \
	"{\"$canary\":$canary}" "{\"$canary\":1,\"$canary\":2}" "$canary" "{\"subject\":\"$canary\"}" \
	"{\"context\":{\"rko\":{\"tell\":\"$canary\"}}}"; do
	for path in /access/v1/evaluation /access/v1/evaluations /access/v1/search/subject /access/v1/search/action "/$canary"; do
		asks "$path" "$data"
		said="$said$body$head"
	done
done
gets "/authz/records/$canary" -H "X-Rko-Subject: $canary" -H "X-Rko-Field-$canary: $canary"
said="$said$body$head"
hasnt "no answer repeats it" $canary "$said"
gets /metrics
hasnt "no metric has it" $canary "$body"
gets /readyz
hasnt "nor readiness" $canary "$body"
stops
hasnt "no log has it" $canary "$(cat "$work/cert.log")"
ends
