/** dumpsys window: displays, windows, policy. */
import type { Phone } from "../../phone/phone.js";
import { currentFocus, focusedApp, windowsOf } from "./focus.js";

const FLAGS = ["LAYOUT_IN_SCREEN", "LAYOUT_INSET_DECOR", "SPLIT_TOUCH", "HARDWARE_ACCELERATED", "DRAWS_SYSTEM_BAR_BACKGROUNDS"];

/** @param section `windows` (or `w`), `displays` (`d`), `policy` (`p`), or all. */
export function dumpWindow(phone: Phone, section: string | undefined): string[] {
  switch (section) {
    case undefined:
    case "-a":
    case "all":
    case "a":
      return [...policy(phone), "", ...displays(phone), "", ...windows(phone)];
    case "windows":
    case "visible":
    case "w":
      return windows(phone);
    case "displays":
    case "d":
      return displays(phone);
    case "policy":
    case "p":
      return policy(phone);
    case "sessions":
    case "tokens":
    case "animator":
    case "lastanr":
      return [
        `WINDOW MANAGER ${section === "lastanr" ? "LAST ANR" : section.toUpperCase()} (dumpsys window ${section})`,
        ...(section === "lastanr" ? ["  <no ANR has occurred since boot>"] : []),
      ];
    default:
      return [`Bad window command, or no windows match: ${section}`, "Use -h for help."];
  }
}

function displays(phone: Phone): string[] {
  const { display, model } = phone;
  const { width, height, density, rotation } = display.state;
  const { physical } = display;
  const base = display.sizeOverride;
  const bars = Math.round((model.navigation === "buttons" ? 48 : 24) * (density / 160));
  const initial = `init=${physical.width}x${physical.height} ${physical.density}dpi`;
  const overridden =
    base || display.densityOverride !== undefined
      ? ` base=${base?.width ?? physical.width}x${base?.height ?? physical.height} ${display.densityOverride ?? physical.density}dpi`
      : "";
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const range = `${short}x${short - bars}-${long}x${long - bars}`;
  return [
    "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)",
    "  Display: mDisplayId=0",
    `    ${initial}${overridden} cur=${width}x${height} app=${width}x${height - bars} rng=${range}`,
    "    deferred=false mLayoutNeeded=false",
    "",
    "  mLayoutSeq=214",
    `  mCurrentFocus=${currentFocus(phone)}`,
    `  mFocusedApp=${focusedApp(phone)}`,
    "",
    ...(model.sdk <= 28 ? [`  mCurrentRotation=ROTATION_${rotation * 90}`, `  mRotation=${rotation} mLastOrientation=-1`] : []),
    "  DisplayRotation",
    "    mCurrentAppOrientation=SCREEN_ORIENTATION_UNSPECIFIED",
    "    mLastOrientation=-1",
    `    mRotation=${rotation} mDeferredRotationPauseCount=0`,
    "    mLandscapeRotation=ROTATION_90 mSeascapeRotation=ROTATION_270",
    "    mPortraitRotation=ROTATION_0 mUpsideDownRotation=ROTATION_180",
    "    mSupportAutoRotation=true",
    `    mUserRotationMode=USER_ROTATION_${display.autoRotate ? "FREE" : "LOCKED"}`,
    `    mUserRotation=ROTATION_${phone.settings.getInt("system", "user_rotation", 0) * 90} mCameraRotationMode=0`,
  ];
}

function windows(phone: Phone): string[] {
  const lines = ["WINDOW MANAGER WINDOWS (dumpsys window windows)"];
  const all = windowsOf(phone);
  const { width, height } = phone.display;
  all.forEach((window, index) => {
    const flags = window.secure ? [...FLAGS.slice(0, 2), "SECURE", ...FLAGS.slice(2)] : FLAGS;
    const forAll = window.uid < 10_000 || window.packageName === "com.android.systemui";
    const everybody = phone.model.sdk >= 30 ? `showForAllUsers=${forAll}` : `mShowToOwnerOnly=${!forAll}`;
    lines.push(
      `  Window #${index} Window{${window.hash} u0 ${window.title}}:`,
      `    mDisplayId=0 stackId=0 mSession=Session{${window.hash.slice(0, 6)} ${phone.processes.ofPackage(window.packageName)[0]?.pid ?? phone.processes.systemServer}:u0a${window.uid}} mClient=android.os.BinderProxy@${window.hash}`,
      `    mOwnerUid=${window.uid} ${everybody} package=${window.packageName} appop=NONE`,
      `    mAttrs={(0,0)(fillxfill) sim={adjust=pan} ty=${window.type} fmt=TRANSLUCENT`,
      `      fl=${flags.join(" ")}`,
      "      pfl=FORCE_DRAW_STATUS_BAR_BACKGROUND}",
      `    Requested w=${width} h=${height} mLayoutSeq=214`,
      `    mHasSurface=true isReadyForDisplay()=true mWindowRemovalAllowed=false`,
      `    isOnScreen=true`,
      `    isVisible=true`,
    );
  });
  return [...lines, "", `  mCurrentFocus=${currentFocus(phone)}`, `  mFocusedApp=${focusedApp(phone)}`];
}

function policy(phone: Phone): string[] {
  const { power, model } = phone;
  const { locked, interactive, secure } = power;
  const enabled = secure || phone.settings.get("secure", "lockscreen.disabled") !== "1";
  return [
    "WINDOW MANAGER POLICY STATE (dumpsys window policy)",
    "    mSafeMode=false mSystemReady=true mSystemBooted=true",
    "    mCameraLensCoverState=CAMERA_LENS_COVER_ABSENT mWakeGestureEnabledSetting=true",
    `    mWakefulness=${interactive ? "WAKEFULNESS_AWAKE" : "WAKEFULNESS_ASLEEP"} mAwake=${interactive}`,
    `    mScreenOnEarly=${interactive} mScreenOnFully=${interactive}`,
    ...(model.sdk <= 28
      ? [
          `    mShowingLockscreen=${locked} mShowingDream=false mDreamingLockscreen=${locked}`,
          `    isStatusBarKeyguard=${locked}`,
        ]
      : []),
    "    KeyguardServiceDelegate",
    `      showing=${locked}`,
    ...(model.sdk <= 30 ? [`      showingAndNotOccluded=${locked}`] : []),
    `      inputRestricted=${locked}`,
    "      occluded=false",
    `      secure=${secure}`,
    "      dreaming=false",
    "      systemIsReady=true",
    "      deviceHasKeyguard=true",
    `      enabled=${enabled}`,
    "      offReason=OFF_BECAUSE_OF_USER",
    "      currentUser=0",
    "      bootCompleted=true",
    `      screenState=SCREEN_STATE_${interactive ? "ON" : "OFF"}`,
    `      interactiveState=INTERACTIVE_STATE_${interactive ? "AWAKE" : "SLEEP"}`,
    "      KeyguardStateMonitor",
    `        mIsShowing=${locked}`,
    "        mSimSecure=false",
    `        mInputRestricted=${locked}`,
    "        mTrusted=false",
    "        mCurrentUserId=0",
  ];
}
