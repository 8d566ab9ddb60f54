/**
 * Real shells that are asked what they would complete.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import type { Shell } from "../../cli/command/command.ts";

/** Whether a shell is installed. */
export function hasShell(shell: Shell): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

/** What a shell offers behind `typed`, sorted, after loading the scripts in `files`. */
export function offers(shell: Shell, files: readonly string[], typed: string): string[] {
  const { stdout, stderr, status } = spawnSync(shell, [...FLAGS[shell], PROGRAMS[shell]], {
    encoding: "utf8",
    env: { ...process.env, FILES: files.join(" "), TYPED: typed },
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`);
  const lines = stdout.split(/\r?\n/).map((line) => line.split("\t", 1)[0]!.trim());
  return [...new Set(lines.filter((line) => line !== ""))].sort();
}

const FLAGS: Readonly<Record<Shell, string[]>> = {
  bash: ["--norc", "-c"],
  zsh: ["-f", "-c"],
  fish: ["--no-config", "-c"],
};

/** Bash tells which function it would call; it parts words at `=`, too. */
const BASH = `
for file in $FILES; do source "$file"; done
COMP_WORDS=()
for word in $TYPED; do
  if [[ $word == --*=* ]]; then COMP_WORDS+=("\${word%%=*}" = "\${word#*=}"); else COMP_WORDS+=("$word"); fi
done
[[ $TYPED == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
callee=$(complete -p "\${COMP_WORDS[0]}")
callee=\${callee#complete -F }
"\${callee%% *}"
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** Zsh completes only where somebody types: in a terminal of its own, whose offers are written down. */
const ZSH = `
zmodload zsh/zpty
found=$(mktemp)
zpty shell zsh -f -i
zpty -w shell "unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; LISTMAX=0 PROMPT=ASKS"
for file in \${=FILES}; do zpty -w shell "source $file"; done
zpty -w shell 'compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a offers; builtin compadd -A offers "$@"
  (( $#offers )) && print -rl -- $offers >> '$found'
  builtin compadd "$@"
}'
zpty -w shell 'print READY""-MARK'
# Keys that come before the prompt are not read by its editor.
zpty -r shell seen '*READY-MARK*ASKS*'
zpty -w -n shell "$TYPED"$'\\t'
zpty -w -n shell $'\\C-u'
zpty -w shell 'print DONE""-MARK'
zpty -r shell seen '*DONE-MARK*'
zpty -d shell
cat $found; rm $found
`;

const FISH = `
for file in (string split " " -- $FILES); source $file; end
complete -C "$TYPED"
`;

const PROGRAMS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
