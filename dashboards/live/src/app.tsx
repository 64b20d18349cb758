import { useEffect } from 'preact/hooks';
import { Detail } from './detail.tsx';
import { onKey } from './keys.ts';
import { Help, Login } from './login.tsx';
import { Queue } from './queue.tsx';
import { needsLogin, problem, selectedId } from './state.ts';
import { TopBar } from './top-bar.tsx';

export function App() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  if (needsLogin.value) return <Login />;
  return (
    <div class={`page ${selectedId.value === null ? '' : 'with-detail'}`}>
      <TopBar />
      {problem.value === null ? null : <p class="problem" role="alert">{problem.value}</p>}
      <main>
        <Queue />
        <Detail />
      </main>
      <Help />
    </div>
  );
}
