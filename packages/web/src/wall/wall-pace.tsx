export function WallPace() {
  return null;
}
