/** A Dockerfile, as far as those of `init` go. */
export interface Dockerfile {
  readonly instructions: readonly { readonly name: string; readonly text: string }[];
  /** Of ENV. */
  readonly env: Readonly<Record<string, string>>;
  /** Of CMD and HEALTHCHECK, in exec form. */
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/** @throws {Error} for an instruction that Docker doesn't know, or one that isn't in the form that is expected here */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "").split("\n").filter(Boolean);
  const known = /^(FROM|WORKDIR|COPY|RUN|VOLUME|USER|ENV|EXPOSE|HEALTHCHECK|CMD) (.+)$/;
  const instructions = lines.map((line) => {
    const [, name, text] = known.exec(line) ?? [];
    if (!name || !text) throw new Error(`${line} is no instruction`);
    return { name, text };
  });
  const textOf = (name: string) => instructions.find((instruction) => instruction.name === name)?.text ?? "";
  const variables = [...textOf("ENV").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return {
    instructions,
    env: Object.fromEntries(variables.map(([, name, value = ""]) => [name, value.replaceAll(/\\(.)/g, "$1")])),
    command: JSON.parse(textOf("CMD")),
    health: JSON.parse(textOf("HEALTHCHECK").replace(/^(--\S+ )*CMD /, "")),
  };
}
