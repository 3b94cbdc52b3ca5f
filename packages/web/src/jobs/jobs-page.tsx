/** Jobs: one action on many phones, newest first. */
export function JobsPage() {
  return <h1>Jobs</h1>;
}
