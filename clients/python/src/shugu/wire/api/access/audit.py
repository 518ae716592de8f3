from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.asked_list import AskedList
from ...models.refused import Refused
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    token: int | None | Unset = UNSET,
    role: None | str | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    path: None | str | Unset = UNSET,
    entry: int | None | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_token: int | None | Unset
    if isinstance(token, Unset):
        json_token = UNSET
    else:
        json_token = token
    params["token"] = json_token

    json_role: None | str | Unset
    if isinstance(role, Unset):
        json_role = UNSET
    else:
        json_role = role
    params["role"] = json_role

    json_subject: None | str | Unset
    if isinstance(subject, Unset):
        json_subject = UNSET
    else:
        json_subject = subject
    params["subject"] = json_subject

    json_path: None | str | Unset
    if isinstance(path, Unset):
        json_path = UNSET
    else:
        json_path = path
    params["path"] = json_path

    json_entry: int | None | Unset
    if isinstance(entry, Unset):
        json_entry = UNSET
    else:
        json_entry = entry
    params["entry"] = json_entry

    params["refused"] = refused

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    else:
        json_until = until
    params["until"] = json_until

    json_after: int | None | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    else:
        json_after = after
    params["after"] = json_after

    json_limit: int | None | Unset
    if isinstance(limit, Unset):
        json_limit = UNSET
    else:
        json_limit = limit
    params["limit"] = json_limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/audit",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> AskedList | Refused | None:
    if response.status_code == 200:
        response_200 = AskedList.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Refused.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Refused.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Refused.from_dict(response.json())

        return response_403

    if response.status_code == 429:
        response_429 = Refused.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Refused.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[AskedList | Refused]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    token: int | None | Unset = UNSET,
    role: None | str | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    path: None | str | Unset = UNSET,
    entry: int | None | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> Response[AskedList | Refused]:
    """Who asked for which change, newest first: by which token, when, what was answered, and which entries
    of the journal it brought about. What
    only reads is not kept, and neither is what agents tell of their jobs: that is in the journal
    itself.

    Args:
        token (int | None | Unset):
        role (None | str | Unset):
        subject (None | str | Unset):
        path (None | str | Unset):
        entry (int | None | Unset):
        refused (bool | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AskedList | Refused]
    """

    kwargs = _get_kwargs(
        token=token,
        role=role,
        subject=subject,
        path=path,
        entry=entry,
        refused=refused,
        from_=from_,
        until=until,
        after=after,
        limit=limit,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    token: int | None | Unset = UNSET,
    role: None | str | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    path: None | str | Unset = UNSET,
    entry: int | None | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> AskedList | Refused | None:
    """Who asked for which change, newest first: by which token, when, what was answered, and which entries
    of the journal it brought about. What
    only reads is not kept, and neither is what agents tell of their jobs: that is in the journal
    itself.

    Args:
        token (int | None | Unset):
        role (None | str | Unset):
        subject (None | str | Unset):
        path (None | str | Unset):
        entry (int | None | Unset):
        refused (bool | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AskedList | Refused
    """

    return sync_detailed(
        client=client,
        token=token,
        role=role,
        subject=subject,
        path=path,
        entry=entry,
        refused=refused,
        from_=from_,
        until=until,
        after=after,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    token: int | None | Unset = UNSET,
    role: None | str | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    path: None | str | Unset = UNSET,
    entry: int | None | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> Response[AskedList | Refused]:
    """Who asked for which change, newest first: by which token, when, what was answered, and which entries
    of the journal it brought about. What
    only reads is not kept, and neither is what agents tell of their jobs: that is in the journal
    itself.

    Args:
        token (int | None | Unset):
        role (None | str | Unset):
        subject (None | str | Unset):
        path (None | str | Unset):
        entry (int | None | Unset):
        refused (bool | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AskedList | Refused]
    """

    kwargs = _get_kwargs(
        token=token,
        role=role,
        subject=subject,
        path=path,
        entry=entry,
        refused=refused,
        from_=from_,
        until=until,
        after=after,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    token: int | None | Unset = UNSET,
    role: None | str | Unset = UNSET,
    subject: None | str | Unset = UNSET,
    path: None | str | Unset = UNSET,
    entry: int | None | Unset = UNSET,
    refused: bool | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    until: None | str | Unset = UNSET,
    after: int | None | Unset = UNSET,
    limit: int | None | Unset = UNSET,
) -> AskedList | Refused | None:
    """Who asked for which change, newest first: by which token, when, what was answered, and which entries
    of the journal it brought about. What
    only reads is not kept, and neither is what agents tell of their jobs: that is in the journal
    itself.

    Args:
        token (int | None | Unset):
        role (None | str | Unset):
        subject (None | str | Unset):
        path (None | str | Unset):
        entry (int | None | Unset):
        refused (bool | Unset):
        from_ (None | str | Unset):
        until (None | str | Unset):
        after (int | None | Unset):
        limit (int | None | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AskedList | Refused
    """

    return (
        await asyncio_detailed(
            client=client,
            token=token,
            role=role,
            subject=subject,
            path=path,
            entry=entry,
            refused=refused,
            from_=from_,
            until=until,
            after=after,
            limit=limit,
        )
    ).parsed
