/**
 * What a shell needs to complete a command, from the declaration that its help comes from.
 *
 * A script completes the command's own program, `heartline-NAME`, and `heartline NAME`; the scripts of
 * several commands may be loaded together.
 *
 * @module
 */
import { type Command, COMMON_OPTIONS, type Options, type Shell } from "./command.ts";
import type { Option } from "./options.ts";

/** The script for a shell that completes a command. */
export function completionsOf(command: Command<Options, Options>, shell: Shell): string {
  const { name, summary, positionals } = command;
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  const described: Described = { name, summary, positionals: Object.keys(positionals), options };
  return SCRIPTS[shell](described).join("\n");
}

interface Described {
  readonly name: string;
  readonly summary: string;
  readonly positionals: readonly string[];
  readonly options: readonly (readonly [name: string, option: Option<unknown>])[];
}

function bash({ name, options }: Described): string[] {
  const callee = functionOf(name);
  const offer = (what: string): string => `COMPREPLY=($(compgen ${what} -- "$cur"))`;
  const cases = options.filter(([, { placeholder }]) => placeholder !== undefined)
    .map(([name, option]) => {
      const patterns = formsOf(name, option).join("|");
      const { words } = option;
      const values = words ? offer(`-W '${words.join(" ")}'`) : isFile(option) ? offer("-f") : ":";
      return `    ${patterns}) ${values}; return ;;`;
    });
  const names = options.flatMap(([name, option]) => formsOf(name, option));
  return [
    `${callee}() {`,
    `  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}`,
    "  # Bash takes --name=value apart.",
    '  if [[ $cur == "=" ]]; then cur=; elif [[ $prev == "=" ]]; then',
    "    prev=${COMP_WORDS[COMP_CWORD-2]}",
    "  fi",
    "  COMPREPLY=()",
    "  case $prev in",
    ...cases,
    "  esac",
    `  ${offer(`-W '${names.join(" ")}'`)}`,
    "}",
    `complete -F ${callee} heartline-${name}`,
    "_heartline() {",
    "  local command=_heartline_${COMP_WORDS[1]//-/_}",
    "  if (( COMP_CWORD > 1 )); then",
    '    COMPREPLY=(); declare -F "$command" >/dev/null && "$command"',
    "  else",
    "    local names=$(compgen -A function _heartline_)",
    "    names=${names//_heartline_/}",
    '    COMPREPLY=($(compgen -W "${names//_/-}" -- "${COMP_WORDS[1]}"))',
    "  fi",
    "}",
    "complete -F _heartline heartline",
  ];
}

function zsh({ name, positionals, options }: Described): string[] {
  const callee = functionOf(name);
  const specs = options.map(([name, option]) => {
    const { placeholder, words, help, short, repeatable } = option;
    const value = placeholder === undefined
      ? ""
      : `:${zshWord(placeholder)}:${
        words ? `(${words.join(" ")})` : isFile(option) ? "_files" : ""
      }`;
    const forms = short ? [`-${short}`, `--${name}`] : [`--${name}`];
    const others = repeatable ? "*" : short ? `(${forms.join(" ")})` : "";
    const equals = placeholder === undefined ? "" : "=";
    return forms.map((form) => {
      const end = form.startsWith("--") ? equals : placeholder === undefined ? "" : "+";
      return `'${others}${form}${end}[${zshWord(help)}]${value}'`;
    }).join(" ");
  });
  const places = positionals.map((name, index) => `'${index + 1}:${name}:'`);
  return [
    `#compdef heartline-${name} heartline`,
    `${callee}() {`,
    `  _arguments ${[...specs, ...places].join(" \\\n    ")}`,
    "}",
    `compdef ${callee} heartline-${name}`,
    "_heartline() {",
    "  if (( CURRENT == 2 )); then",
    "    local -a names=(${(k)functions[(I)_heartline_*]#_heartline_})",
    "    compadd -- ${names//_/-}",
    "  else",
    "    local command=_heartline_${words[2]//-/_}",
    "    shift words; (( CURRENT-- ))",
    "    (( $+functions[$command] )) && $command",
    "  fi",
    "}",
    "compdef _heartline heartline",
  ];
}

function fish({ name, summary, options }: Described): string[] {
  const lines = options.map(([name, option]) => {
    const { placeholder, words, help, short } = option;
    const value = words
      ? [`-x -a '${words.join(" ")}'`]
      : isFile(option)
      ? ["-r -F"]
      : placeholder !== undefined
      ? ["-x"]
      : [];
    const forms = short ? [`-s ${short}`, `-l ${name}`] : [`-l ${name}`];
    return [...forms, ...value, `-d '${help.replaceAll("'", "\\'")}'`].join(" ");
  });
  const own = `complete -c heartline-${name}`;
  const sub = `complete -c heartline -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `${own} -f`,
    "complete -c heartline -f",
    `complete -c heartline -n __fish_use_subcommand -a ${name} -d '${
      summary.replaceAll("'", "\\'")
    }'`,
    ...lines.flatMap((line) => [`${own} ${line}`, `${sub} ${line}`]),
  ];
}

function functionOf(name: string): string {
  return `_heartline_${name.replaceAll("-", "_")}`;
}

function formsOf(name: string, { short }: Option<unknown>): string[] {
  return short ? [`-${short}`, `--${name}`] : [`--${name}`];
}

function isFile({ placeholder }: Option<unknown>): boolean {
  return placeholder === "FILE";
}

/** Text within a specification in single quotes. */
function zshWord(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&").replaceAll("'", `'\\''`);
}

const SCRIPTS: Readonly<Record<Shell, (described: Described) => string[]>> = { bash, zsh, fish };
