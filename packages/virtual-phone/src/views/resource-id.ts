/** `package:id/name` for a view's id; ids that name their package already (`android:id/title`) stay as they are. */
export function fullId(id: string, packageName: string): string {
  return id.includes(":") ? id : `${packageName}:id/${id}`;
}
