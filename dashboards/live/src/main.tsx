import { render } from 'preact';
import { App } from './app.tsx';
import { start } from './live.ts';
import './style.css';
import './pictures.css';

render(<App />, document.getElementById('app') as HTMLElement);
void start();
