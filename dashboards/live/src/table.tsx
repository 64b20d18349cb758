function Head({ name }: { name: string }) {
  return name.startsWith('#') ? <th scope="col" class="number">{name.slice(1)}</th> : <th scope="col">{name}</th>;
}

/** A wide table that scrolls by itself, also by keys. Of a column of numbers the name begins with `#`; one without a name speaks for itself. */
export function Table({ label, head, children }: { label: string; head: readonly string[]; children: preact.ComponentChildren }) {
  return (
    <div class="scroller" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead><tr>{head.map((name) => (name === '' ? <td key={name} /> : <Head key={name} name={name} />))}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
