"""A small export in CSV, and how it is changed and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from connectors.confluence.csv_export import read_csv_export
from tests.unit.connectors.confluence.readings import Read, folder_of, read

CONTENT = (
    "contentid,hibernateversion,contenttype,title,lowertitle,version,creator,creationdate,lastmodifier,lastmoddate,"
    "versioncomment,prevver,content_status,pageid,spaceid,child_position,parentid,messageid,pluginkey,pluginver,"
    "parentccid,draftpageid,draftspacekey,drafttype,draftpageversion,parentcommentid,username,navigationtype"
)
TABLES: dict[str, str | bytes] = {
    "spaces.csv": "spaceid,spacename,spacekey,spacedescid,homepage,spacestatus\r\n9,Human Resources,HR,90,501,CURRENT\r\n",
    "content.csv": f"{CONTENT}\r\n"
    "501,1,PAGE,Leave policy,,3,u1,2024-01-05 09:00:00.1,u2,2024-03-01 10:00:00.29,,,current,,9,1,,v2,,,,,,,,,,0\r\n"
    "620,1,PAGE,Leave rules,,1,u1,2024-01-05 09:00:00.1,u1,2024-01-05 09:30:00.0,first,501,current,,,,,v2,,,,,,,,,,0\r\n"
    "621,1,PAGE,Leave,,1,u1,2024-01-05 09:00:00.1,u1,2024-04-05 09:30:00.0,,501,draft,,9,,,v2,,,,,,,,,,0\r\n"
    "502,1,PAGE,Forms,,1,u1,2024-01-05 09:00:00.1,u1,2024-01-05 09:30:00.0,,,current,,9,1,501,v2,,,,,,,,,,0\r\n"
    "503,1,BLOGPOST,News,,1,u1,2024-01-05 09:00:00.1,u1,2024-01-05 09:30:00.0,,,current,,9,,,v2,,,,,,,,,,0\r\n"
    "700,1,COMMENT,,,1,u1,2024-02-05 09:00:00.1,u1,2024-02-05 09:30:00.0,,,current,501,,,,,,,,,,,,,,0\r\n"
    "701,1,COMMENT,,,1,u1,2024-02-05 09:00:00.1,,,,,current,501,,,,,,,,,,,,700,,0\r\n"
    "959,1,ATTACHMENT,form.pdf,,2,u1,2024-02-05 09:00:00.1,u1,2024-02-05 09:30:00.0,,,current,501,9,,,,,,,,,,,,,0\r\n"
    "960,1,ATTACHMENT,form.pdf,,1,u1,2024-02-05 09:00:00.1,u1,2024-02-05 09:10:00.0,,959,current,501,9,,,,,,,,,,,,,0\r\n"
    "90,1,SPACEDESCRIPTION,,,1,u1,2024-01-05 09:00:00.1,u1,2024-01-05 09:00:00.1,,,current,,9,,,,,,,,,,,,,0\r\n"
    "800,1,CUSTOM,state,,1,u1,2024-01-05 09:00:00.1,u1,2024-01-05 09:00:00.1,,,current,501,,,,,app,,,,,,,,,0\r\n",
    "bodycontent.csv": "bodycontentid,body,contentid,bodytypeid\r\n"
    '1,"<p>Thirty ""days"",\r\na year</p>",501,2\r\n2,<p>Twenty days</p>,620,2\r\n3,<p>Forms</p>,502,2\r\n'
    '4,"{""a"": 1}",800,1\r\n5,<p>Why?</p>,700,2\r\n',
    "user_mapping.csv": "user_key,username,lower_username,aaid\r\nu1,anna,anna,557:1\r\nu2,,,557:2\r\n",
    "label.csv": "labelid,name,owner,namespace\r\n1,policy,,global\r\n2,favourite,u1,my\r\n",
    "content_label.csv": "id,labelid,contentid,labelabletype\r\n1,1,501,CONTENT\r\n2,2,501,CONTENT\r\n3,1,,PAGETEMPLATE\r\n",
    "contentproperties.csv": "propertyid,propertyname,stringval,longval,dateval,contentid\r\n"
    "1,MEDIA_TYPE,application/pdf,,,959\r\n2,FILESIZE,,1200,,959\r\n3,share-id,x,,,501\r\n",
    "content_perm_set.csv": "id,cont_perm_type,content_id\r\n1,View,501\r\n",
    "content_perm.csv": "id,cp_type,username,groupname,external_group_id,cps_id\r\n1,View,u1,,,1\r\n2,View,,hr,g-1,1\r\n",
    "spacepermissions.csv": "permid,spaceid,permtype,permgroupname,externalgroupid,permusername,permalluserssubject,active\r\n"
    "1,9,VIEWSPACE,staff,g-2,,,true\r\n2,9,EDITSPACE,staff,g-2,,,true\r\n3,9,VIEWSPACE,,,,all-licensed-users,true\r\n"
    "4,9,VIEWSPACE,,,,anonymous-users,false\r\n",
    "exportDescriptor.properties": "#Thu Jul 16 07:17:47 UTC 2026\nexportFormat=csv\nsource=cloud\ntimezoneId=UTC\n",
    "attachments/501/959/2": b"%PDF second",
    "attachments/501/960/1": b"%PDF first",
}


def read_csv(tmp_path: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Read:
    """What is read of `TABLES`, some of them replaced or (None) left out."""
    return read(read_csv_export, folder_of(tmp_path, {**TABLES, **(changes or {})}), tmp_path)


def bodies(*rows: str) -> dict[str, str | bytes | None]:
    return {
        "bodycontent.csv": "bodycontentid,body,contentid,bodytypeid\r\n"
        + "".join(f"{row}\r\n" for row in rows)
    }


def text_of(table: str) -> str:
    text = TABLES[table]
    assert isinstance(text, str)
    return text
