import { expect, test } from 'vitest';
import { openDatabase, type Schema } from '../../src/store/database.ts';
import { StoreError } from '../../src/store/error.ts';
import { makeFolder } from './support.ts';

const first: Schema = { applicationId: 7, migrations: ['CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1)'] };
const second: Schema = { applicationId: 7, migrations: [...first.migrations, 'ALTER TABLE a ADD COLUMN m INTEGER', 'UPDATE a SET m = n + 1'] };
const writing = { readOnly: false, durable: true };

test('a file of an older schema is brought forward step by step, its content kept', () => {
  const file = `${makeFolder()}/x.db`;
  openDatabase(file, first, writing).close();
  expect(() => openDatabase(file, second, { ...writing, readOnly: true })).toThrow(/older Tokenward: open it once with a command that writes/);
  openDatabase(file, second, writing).close();
  const connection = openDatabase(file, second, writing);
  expect(connection.get('SELECT * FROM a')).toEqual({ n: 1, m: 2 });
  expect(connection.pragma('user_version')).toBe(3);
  connection.close();
  expect(() => openDatabase(file, first, writing)).toThrow(/newer Tokenward \(schema 3, this one knows 1\)/);
});

test('a step that fails leaves the file as it was', () => {
  const file = `${makeFolder()}/x.db`;
  openDatabase(file, first, writing).close();
  const broken: Schema = { applicationId: 7, migrations: [...first.migrations, 'CREATE TABLE b (n INTEGER); INSERT INTO nowhere VALUES (1)'] };
  expect(() => openDatabase(file, broken, writing)).toThrow(StoreError);
  const connection = openDatabase(file, first, writing);
  expect(connection.get('SELECT * FROM a')).toEqual({ n: 1 });
  connection.close();
});

test('tables that somebody altered are noticed', () => {
  const file = `${makeFolder()}/x.db`;
  const connection = openDatabase(file, first, writing);
  connection.execute('CREATE INDEX strange ON a (n)');
  connection.close();
  expect(() => openDatabase(file, first, writing)).toThrow(/its tables are not as they were made/);
});

test('a full disk is told as such, and undoes the transaction', () => {
  const connection = openDatabase(`${makeFolder()}/x.db`, first, writing);
  connection.execute('PRAGMA max_page_count = 4');
  const fill = (): void => connection.transaction(() => {
    for (let n = 0; n < 10_000; n++) connection.run('INSERT INTO a VALUES (?)', n);
  });
  expect(fill).toThrow(/x\.db cannot be written: the disk is full/);
  expect(connection.get('SELECT count(*) AS n FROM a')).toEqual({ n: 1 });
  connection.close();
});
