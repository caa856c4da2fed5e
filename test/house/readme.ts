// The commands that README.md shows, held against package.json.

/** Commands inside fenced `sh` blocks, one per `npm …` invocation. */
export function npmCommands(readme: string): readonly string[] {
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  return blocks
    .flatMap((block) => block.split('\n').flatMap((line) => line.split('&&')))
    .map((command) => command.replace(/#.*$/, '').trim())
    .filter((command) => command.startsWith('npm '));
}

/** Commands that package.json does not know. `npm ci` and `npm install` are npm's own. */
export function unknownCommands(
  readme: string,
  scripts: Readonly<Record<string, string>>,
): readonly string[] {
  return npmCommands(readme).filter((command) => {
    const [, verb = '', name = ''] = command.split(/\s+/);
    if (verb === 'ci' || verb === 'install') return false;
    return !((verb === 'run' ? name : verb) in scripts);
  });
}
