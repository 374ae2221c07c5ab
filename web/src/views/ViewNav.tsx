// The views of the page, each with an address of its own.

const VIEWS = [
  { path: "/", name: "Signal", title: "Waveform, spectrum, waterfall" },
  { path: "/live", name: "Live", title: "What happens, and who is here" },
  { path: "/events", name: "Events", title: "What has happened" },
] as const;

export function ViewNav() {
  return (
    <nav className="views" aria-label="Views">
      {VIEWS.map(({ path, name, title }) => (
        <a key={path} href={path} title={title} aria-current={location.pathname === path ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
