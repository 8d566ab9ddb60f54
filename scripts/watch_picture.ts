/**
 * `deno task watch-picture`: writes docs/watch.svg, the picture of the README, from what `udp-server
 * --watch` draws in a terminal for three clients of which one is killed. It takes ten seconds and python3.
 *
 * @module
 */
import { command } from "../tests/support/process.ts";
import { colouredScreenOf, TerminalChild } from "../tests/support/terminal.ts";
import { ROOT } from "./_tree.ts";

/** A drawn screen as a picture: each run of one colour is a text of its own. */
export function picture(screen: readonly string[]): string {
  const lines = [`$ ${CALL}`, ...screen].map((line) => runs(line));
  while (lines.at(-1)!.length === 0) lines.pop();
  const columns = Math.max(
    ...lines.map((line) => line.reduce((sum, { text }) => sum + text.length, 0)),
  );
  const [width, height] = [
    columns * CELL.width + 2 * MARGIN,
    lines.length * CELL.height + 2 * MARGIN,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" xml:space="preserve" role="img">`,
    `<title>${CALL}</title>`,
    STYLE,
    `<rect width="${width}" height="${height}" rx="6"/>`,
    ...lines.flatMap((line, row) => texts(line, MARGIN + row * CELL.height + BASELINE)),
    "</svg>",
    "",
  ].join("\n");
}

/** Text of one colour, which is the number that the terminal was sent for it. */
interface Run {
  readonly text: string;
  readonly colour: string;
}

function runs(line: string): Run[] {
  // deno-lint-ignore no-control-regex
  const parts = line.split(/\x1b\[(\d+)m/);
  return parts.flatMap((text, index) =>
    index % 2 === 1 || text === "" ? [] : [{ text, colour: parts[index - 1] ?? "0" }]
  );
}

/** Every run is stretched to its cells, so that any font keeps the columns below each other. */
function texts(line: readonly Run[], y: number): string[] {
  let column = 0;
  return line.map(({ text, colour }) => {
    const x = MARGIN + column * CELL.width;
    column += text.length;
    const length = text.length * CELL.width;
    return `<text class="c${colour}" x="${x}" y="${y}" textLength="${length}">${
      escaped(text)
    }</text>`;
  });
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The screen as it is when one of three clients has been silent for some seconds. */
async function drawnScreen(): Promise<string[]> {
  await using terminal = new TerminalChild("udp_server", ARGS);
  terminal.resize(96, 14);
  const port = /127\.0\.0\.1:(\d+)/;
  const said = await terminal.screen((lines) => lines.some((line) => port.test(line)));
  const to = port.exec(said.find((line) => port.test(line))!)![1]!;
  const send = () => command("udp_client", "--port", to, "--period", "200ms");
  await using _first = send();
  await using _second = send();
  await using dying = send();
  await terminal.screen((lines) =>
    lines.filter((line) => /UP .*[▁-█]{12}/.test(line)).length === 3
  );
  dying.signal("SIGKILL");
  await terminal.screen((lines) => lines.some((line) => /DOWN +1 +4\.\d* s/.test(line)));
  return colouredScreenOf(terminal.drawn)!;
}

const ARGS = ["--port", "0", "--auto-register", "2s", "--watch"];
const CALL = "udp-server --auto-register 2s --watch";
const CELL = { width: 8, height: 18 } as const;
const BASELINE = 13;
const MARGIN = 14;
/** The colours of a dark terminal, as numbers for them are. */
const STYLE = `<style>
rect { fill: #16191f }
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d3d7de }
.c1 { font-weight: bold }
.c31 { fill: #ff6b68; font-weight: bold }
.c32 { fill: #5fd18b }
.c33 { fill: #e8bf5a }
</style>`;

if (import.meta.main) {
  await Deno.writeTextFile(new URL("docs/watch.svg", ROOT), picture(await drawnScreen()));
}
