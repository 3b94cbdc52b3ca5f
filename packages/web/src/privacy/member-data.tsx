import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Member } from "@phonerack/contract/api";
import { IconDots, IconDownload, IconEraser } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, client } from "../api/client.js";
import { ErrorNote } from "../frame/error-note.js";
import page from "../page/page.module.css";
import { saveData } from "./save-data.js";

/** For owners: what is kept of a member as a file, and its erasure. Asked for in their stead; they see that it was done. */
export function MemberData({ member: { id, name } }: { member: Member }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, dialog] = useDisclosure(false);
  const download = useMutation({ mutationFn: async () => saveData(await client.privacy.exportMember({ id }), name) });
  const erase = useMutation(
    api.privacy.eraseMember.mutationOptions({
      onSuccess: async () => {
        dialog.close();
        await queries.invalidateQueries({ queryKey: api.members.key() });
      },
    }),
  );
  return (
    <>
      <Menu position="bottom-end" shadow="none">
        <Menu.Target>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            loading={download.isPending}
            aria-label={t("privacy.ofMember", { name })}
          >
            <IconDots size={16} stroke={1.5} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload size={16} stroke={1.5} aria-hidden="true" />} onClick={() => download.mutate()}>
            {t("privacy.download")}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconEraser size={16} stroke={1.5} aria-hidden="true" />} onClick={dialog.open}>
            {t("privacy.eraseMember")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {download.error && <ErrorNote error={download.error} />}
      <Modal opened={asking} onClose={dialog.close} title={t("privacy.eraseTitle", { name })}>
        <p>{t("privacy.eraseMemberHint")}</p>
        <div className={page.actions}>
          <Button size="xs" color="red" loading={erase.isPending} onClick={() => erase.mutate({ id })}>
            {t("privacy.eraseFinal")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={dialog.close}>
            {t("device.cancel")}
          </Button>
        </div>
        {erase.error && <ErrorNote error={erase.error} />}
      </Modal>
    </>
  );
}
