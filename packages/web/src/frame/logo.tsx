const BARS = [0, 1, 2, 3].flatMap((x) => [0, 1].map((y) => ({ x: 2 + x * 5.5, y: 3 + y * 10, on: x === 3 - y * 2 })));

/** Eight slots in two rows, two of them live. */
export function Logo() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      {BARS.map(({ x, y, on }) => (
        <rect key={`${x} ${y}`} x={x} y={y} width="3.5" height="8" rx="1" fill={on ? "var(--free)" : "var(--accent)"} />
      ))}
    </svg>
  );
}
