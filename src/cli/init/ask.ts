import { createInterface } from "node:readline/promises";
import { messageOf } from "../../errors.ts";
import { inCliWords } from "../options/cli_words.ts";
import type { Dialog } from "../terminal/confirm.ts";
import {
  type Answers,
  INBOXES,
  LANGUAGES,
  parseChangeAgent,
  parseDomain,
  parsePort,
  RUNTIMES,
  TLS_ENDS,
  withDefaults,
} from "./answers.ts";

interface Question {
  readonly name: keyof Answers;
  readonly text: string;
  /** @throws {Error} for an answer that can't be right */
  readonly parse: (text: string, given: Partial<Answers>) => Answers[keyof Answers];
}

const QUESTIONS: readonly Question[] = [
  { name: "runtime", text: "Which runtime: node, deno or bun?", parse: oneOf(RUNTIMES) },
  { name: "language", text: "Handlers in TypeScript or JavaScript: ts or js?", parse: oneOf(LANGUAGES) },
  {
    name: "inbox",
    text: "Where are callbacks stored: sqlite or postgres?",
    parse: oneOf(INBOXES),
  },
  {
    name: "tlsEnd",
    text: "What speaks https: a proxy in front, or sheethook itself (tls)?",
    parse: oneOf(TLS_ENDS),
  },
  { name: "domain", text: "Which host will the callback URL have?", parse: parseDomain },
  {
    name: "port",
    text: "Which port should sheethook listen on?",
    parse: (text, { tlsEnd }) => parsePort(text, tlsEnd),
  },
  {
    name: "changeAgent",
    text: "Which name should mark your handlers' writes, and nothing else's?",
    parse: parseChangeAgent,
  },
];

/**
 * Asks a person for the answers that weren't given; an empty line takes the default. A wrong answer is asked for again.
 *
 * @throws {Error} if the input ends before the last answer
 */
export async function ask(given: Partial<Answers>, folder: string, dialog: Dialog): Promise<Partial<Answers>> {
  const answers: Partial<Record<keyof Answers, Answers[keyof Answers]>> = { ...given };
  const lines = createInterface({ input: dialog.input, output: dialog.output });
  let isClosed = false;
  lines.once("close", () => isClosed = true);
  const pending = lines[Symbol.asyncIterator]();
  try {
    for (const { name, text, parse } of QUESTIONS) {
      while (answers[name] === undefined) {
        const fallback = withDefaults(answers as Partial<Answers>, folder)[name];
        const prompt = `${text} [${fallback}] `;
        if (isClosed) {
          // What was typed before the end is still to be taken.
          dialog.output.write(prompt);
        } else {
          lines.setPrompt(prompt);
          lines.prompt();
        }
        const { value: line, done } = await pending.next();
        if (done) {
          dialog.output.write("\n");
          throw new Error("Nothing was written: the questions weren't answered");
        }
        try {
          answers[name] = line.trim() ? parse(line.trim(), answers as Partial<Answers>) : fallback;
        } catch (error) {
          dialog.output.write(`${messageOf(inCliWords(error))}\n`);
        }
      }
    }
  } finally {
    lines.close();
  }
  return answers as Partial<Answers>;
}

function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((word) => word === text.toLowerCase());
    if (!word) throw new Error(`It should be one of ${words.join(", ")}.`);
    return word;
  };
}
