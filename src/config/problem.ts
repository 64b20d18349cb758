/** One thing that is wrong with a configuration, and what to do about it. */
export interface Problem {
  /** `file:line:column`, or the name of an environment variable. */
  readonly where: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
}

/** The configuration cannot be used. Holds every problem that was found, in the order of the file. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    super(sorted.map(describeProblem).join('\n'));
    this.name = 'ConfigurationError';
    this.problems = sorted;
  }
}

/** One or two lines for people: where and what, then the hint. */
export function describeProblem(problem: Problem): string {
  const line = `${problem.where}: ${problem.message}`;
  return problem.hint === null ? line : `${line}\n  hint: ${problem.hint}`;
}
