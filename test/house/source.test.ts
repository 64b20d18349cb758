import { describe, expect, test } from 'vitest';
import { blank, functionsOf, importsOf } from '../support/source.ts';

// The house rules are only as good as the scanner they look through.
describe('imports', () => {
  test('every form is found, those in comments and texts are not', () => {
    const text = [
      "import { a,\n  b } from './a.ts';", "import './b.ts';", "export * from '../c/c.ts';", "const d = await import('./d.ts');",
      "new Worker(new URL(built ? './e.js' : './e.ts', import.meta.url));", "import type { F } from 'zod';",
      "// import { x } from './no.ts';", "/* import './no.ts'; */", "const text = \"take it from './no.ts'\";",
    ].join('\n');
    expect(importsOf({ path: 'src/x/x.ts', text }).sort()).toEqual(['src/c/c.ts', 'src/x/a.ts', 'src/x/b.ts', 'src/x/d.ts', 'src/x/e.ts', 'zod']);
  });
});

describe('blank', () => {
  test('comments and the insides of texts and patterns vanish, lines stay', () => {
    expect(blank("a('x // y'); // Date.now")).toBe(`a('${' '.repeat(6)}'); ${' '.repeat(11)}`);
    expect(blank('a(/[\'"]/g);')).toBe('a(/    /g);');
    expect(blank('`one\ntwo` /* { */ }')).toBe('`   \n   `         }');
  });

  test('division is no pattern', () => {
    expect(blank('const a = b / c; const d = e / f;')).toBe('const a = b / c; const d = e / f;');
  });
});

describe('functions', () => {
  const lengths = (text: string): number[] => functionsOf(text).map(({ lines }) => lines);

  test('declarations, methods and arrows are measured', () => {
    expect(lengths('function a(): void {\n  b();\n}')).toEqual([3]);
    expect(lengths('const a = (b: number): number => {\n  return b;\n};')).toEqual([3]);
    expect(lengths('class A {\n  b(c: string): Map<string, number> {\n\n\n  }\n}')).toEqual([4]);
    expect(lengths('function a(b: { c: number }): Promise<{ d: string }[]> {\n}')).toEqual([1, 2]);
  });

  test('blocks of other kinds are not', () => {
    expect(lengths('if (a) {\n}\nfor (const b of c()) {\n}\nwhile (d) {\n}\nswitch (e) {\n}\nconst f = {\n};\ntry {\n} catch (g) {\n}')).toEqual([]);
  });
});
