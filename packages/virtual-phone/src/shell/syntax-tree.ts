/** What the parser makes of a script and the interpreter runs. Immutable: a parsed script can be run many times. */

export type ParameterOperator =
  | ":-"
  | "-"
  | ":="
  | "="
  | ":+"
  | "+"
  | ":?"
  | "?"
  | "#"
  | "##"
  | "%"
  | "%%"
  | "/"
  | "//"
  | "length"
  | "slice";

export type Part =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: "parameter";
      readonly name: string;
      readonly operator?: ParameterOperator;
      readonly operand?: Word;
      readonly quoted: boolean;
    }
  | { readonly kind: "substitution"; readonly script: Script; readonly quoted: boolean }
  | { readonly kind: "arithmetic"; readonly expression: Word; readonly quoted: boolean };
/** One word before expansion: nothing, one field or many may come of it. */
export type Word = readonly Part[];

export interface Redirect {
  readonly fd: number;
  readonly operator: ">" | ">>" | "<" | "<>" | ">&" | "<&" | "<<";
  /** A path, a descriptor number or "-"; for "<<" the text itself. */
  readonly target: Word;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

export interface SimpleCommand {
  readonly kind: "simple";
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
}

export type CompoundCommand = (
  | { readonly kind: "group" | "subshell"; readonly body: Script }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: Script; readonly body: Script }[];
      readonly otherwise?: Script;
    }
  | { readonly kind: "loop"; readonly until: boolean; readonly condition: Script; readonly body: Script }
  | { readonly kind: "for"; readonly name: string; readonly words?: readonly Word[]; readonly body: Script }
  | {
      readonly kind: "case";
      readonly subject: Word;
      readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: Script }[];
    }
  | { readonly kind: "function"; readonly name: string; readonly body: Command }
) & { readonly redirects: readonly Redirect[] };

export type Command = SimpleCommand | CompoundCommand;

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

export interface AndOr {
  readonly pipelines: readonly { readonly operator: "" | "&&" | "||"; readonly pipeline: Pipeline }[];
  readonly background: boolean;
  /** As typed, for `jobs` and `ps`. */
  readonly source: string;
}

export type Script = readonly AndOr[];

/** `message` is what mksh prints after "sh: ". `incomplete`: more lines could complete it. */
export class ShellSyntaxError extends Error {
  constructor(
    message: string,
    readonly incomplete: boolean,
  ) {
    super(message);
    this.name = "ShellSyntaxError";
  }
}
