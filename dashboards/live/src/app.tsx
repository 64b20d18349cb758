import { useEffect } from 'preact/hooks';
import { Detail } from './detail.tsx';
import { Exceptions } from './exceptions.tsx';
import { Health } from './health.tsx';
import { IdentityPage } from './identity.tsx';
import { Incidents } from './incident.tsx';
import { onKey } from './keys.ts';
import { Help, Login } from './login.tsx';
import { Queue } from './queue.tsx';
import { Response } from './response.tsx';
import { route, selectedId, type View } from './route.ts';
import { connection, needsLogin, problem, session } from './state.ts';
import { Tokens } from './tokens.tsx';
import { TopBar } from './top-bar.tsx';
import { Trends } from './trends.tsx';

const shown: Readonly<Record<View, () => preact.ComponentChild>> = {
  alerts: () => <><Queue /><Detail /></>, incidents: () => <Incidents />, tokens: () => <Tokens />, response: () => <Response />, health: () => <Health />,
  trends: () => <Trends />, exceptions: () => <Exceptions />, identities: () => <IdentityPage />,
};

export function App() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  if (needsLogin.value) return <Login />;
  // Who it is is asked first, and what is asked before that is refused.
  if (session.value === null) return <main class="wide"><h1 class="unseen">Tokenward</h1><p class="nothing">Loading…</p></main>;
  const { view } = route.value;
  return (
    <div class={`page view-${view} ${selectedId.value === null ? '' : 'with-detail'}`}>
      <TopBar />
      {connection.value === 'lost' ? <p class="lost">The server does not answer. What is shown is as old as its last word; it goes on by itself.</p> : null}
      {problem.value === null ? null : <p class="problem" role="alert">{problem.value}</p>}
      <main>{shown[view]()}</main>
      <Help />
    </div>
  );
}
