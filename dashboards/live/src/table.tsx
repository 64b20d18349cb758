/** A wide table that scrolls by itself, also by keys. */
export function Table({ label, head, children }: { label: string; head: readonly string[]; children: preact.ComponentChildren }) {
  return (
    <div class="scroller" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead><tr>{head.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
