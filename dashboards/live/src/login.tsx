import { useEffect, useState } from 'preact/hooks';
import { api } from './api.ts';
import { Dialog } from './dialog.tsx';
import { showsHelp } from './keys.ts';
import { start } from './live.ts';
import { attempt, problem, session } from './state.ts';
import { rememberPlace } from './step-up.ts';

export function Login() {
  const [token, setToken] = useState('');
  const [hasProvider, setHasProvider] = useState(false);
  useEffect(() => { api.ways().then(({ provider }) => setHasProvider(provider), () => undefined); }, []);
  const submit = async (): Promise<void> => {
    if (!await attempt(async () => { session.value = await api.login(token.trim()); })) return;
    await start();
  };
  return (
    <main>
      <form class="login" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <h1><img src="./icon.svg" alt="" width="34" height="34" />Tokenward</h1>
        <label>
          Your API token
          <input type="password" autocomplete="current-password" required value={token} onInput={(event) => setToken(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary">Open the desk</button>
        {hasProvider ? <a href="/login/provider" onClick={() => rememberPlace()}>Log in with your identity provider</a> : null}
        {problem.value === null ? null : <p class="problem" role="alert">{problem.value}</p>}
      </form>
    </main>
  );
}

const keys = [
  ['j k', 'next and previous alert'], ['Escape', 'back to the queue'], ['n', 'let new alerts in'], ['a', 'approve the first step that waits'],
  ['x', 'reject it'], ['c', 'acknowledge'], ['m', 'assign to me'], ['w', 'write a note'],
  ['1 … 7', 'alerts, incidents, tokens, response, health, trends, exceptions'],
  ['Enter', 'in the search of tokens: the page of the only identity found'], ['/', 'search'], ['?', 'this list'],
] as const;

export function Help() {
  return (
    <>
      <Dialog />
      {showsHelp.value ? (
        <aside class="help" aria-label="keys">
          <h2>Keys</h2>
          <dl>{keys.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
        </aside>
      ) : null}
    </>
  );
}
