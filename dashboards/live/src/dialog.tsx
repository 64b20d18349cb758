import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** Facts to weigh, one to a line. */
  readonly facts?: readonly string[];
  /** Label of a text that must be given, unless it is optional. */
  readonly input?: string;
  readonly isOptional?: boolean;
  readonly confirm: string;
  readonly isDangerous?: boolean;
}

const asked = signal<{ question: Question; answer: (text: string | null) => void } | null>(null);

/** Asks before something happens. Answers the text that was given (empty where none was asked for), `null` when it was called off. */
export function ask(question: Question): Promise<string | null> {
  return new Promise((resolve) => {
    asked.value?.answer(null);
    asked.value = {
      question,
      answer: (text) => {
        asked.value = null;
        resolve(text);
      },
    };
  });
}

export function Dialog() {
  const current = asked.value;
  return current === null ? null : <Open key={current.question.title} {...current} />;
}

function Open({ question, answer }: { question: Question; answer: (text: string | null) => void }) {
  const element = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  useEffect(() => element.current?.showModal(), []);
  const isComplete = question.input === undefined || question.isOptional === true || text.trim() !== '';
  return (
    <dialog ref={element} onCancel={() => answer(null)} aria-labelledby="question">
      <form onSubmit={(event) => { event.preventDefault(); if (isComplete) answer(text.trim()); }}>
        <h2 id="question">{question.title}</h2>
        <p>{question.text}</p>
        {question.facts === undefined ? null : <ul>{question.facts.map((fact) => <li key={fact}>{fact}</li>)}</ul>}
        {question.input === undefined ? null : (
          <label>
            {question.input}
            <input value={text} onInput={(event) => setText(event.currentTarget.value)} required={question.isOptional !== true} maxLength={200} />
          </label>
        )}
        <div class="buttons">
          <button type="button" onClick={() => answer(null)}>Leave it</button>
          <button type="submit" class={question.isDangerous === true ? 'danger' : 'primary'} disabled={!isComplete}>{question.confirm}</button>
        </div>
      </form>
    </dialog>
  );
}
