/** Mantine's components in the console's colours and sizes; the colours themselves stand in app.css. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef1ff",
  "#dde4ff",
  "#b9c6ff",
  "#93a9ff",
  "#7289f7",
  "#556fea",
  "#4260dd",
  "#3050cf",
  "#2743b4",
  "#1d3490",
];

/** Mantine draws its dark components from these: text, dim, borders, hover, fields, surface, page. */
const dark: MantineColorsTuple = [
  "#e7eaf0",
  "#c3cad6",
  "#9aa4b5",
  "#727c8d",
  "#3b4250",
  "#262b34",
  "#1e222a",
  "#16191f",
  "#0f1115",
  "#0b0d10",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 5 },
  colors: { accent, dark },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  defaultRadius: 8,
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
});
