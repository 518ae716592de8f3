from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.refused import Refused
from ...models.signal_list import SignalList
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    kind: None | str | Unset = UNSET,
    scope: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    compare: bool | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    else:
        json_kind = kind
    params["kind"] = json_kind

    json_scope: None | str | Unset
    if isinstance(scope, Unset):
        json_scope = UNSET
    else:
        json_scope = scope
    params["scope"] = json_scope

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    else:
        json_from_ = from_
    params["from"] = json_from_

    params["compare"] = compare

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/signals",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Refused | SignalList | None:
    if response.status_code == 200:
        response_200 = SignalList.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Refused | SignalList]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    kind: None | str | Unset = UNSET,
    scope: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    compare: bool | Unset = UNSET,
) -> Response[Refused | SignalList]:
    """Readings, hour by hour.

    Args:
        kind (None | str | Unset):
        scope (None | str | Unset):
        from_ (None | str | Unset):
        compare (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | SignalList]
    """

    kwargs = _get_kwargs(
        kind=kind,
        scope=scope,
        from_=from_,
        compare=compare,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    kind: None | str | Unset = UNSET,
    scope: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    compare: bool | Unset = UNSET,
) -> Refused | SignalList | None:
    """Readings, hour by hour.

    Args:
        kind (None | str | Unset):
        scope (None | str | Unset):
        from_ (None | str | Unset):
        compare (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | SignalList
    """

    return sync_detailed(
        client=client,
        kind=kind,
        scope=scope,
        from_=from_,
        compare=compare,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    kind: None | str | Unset = UNSET,
    scope: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    compare: bool | Unset = UNSET,
) -> Response[Refused | SignalList]:
    """Readings, hour by hour.

    Args:
        kind (None | str | Unset):
        scope (None | str | Unset):
        from_ (None | str | Unset):
        compare (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | SignalList]
    """

    kwargs = _get_kwargs(
        kind=kind,
        scope=scope,
        from_=from_,
        compare=compare,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    kind: None | str | Unset = UNSET,
    scope: None | str | Unset = UNSET,
    from_: None | str | Unset = UNSET,
    compare: bool | Unset = UNSET,
) -> Refused | SignalList | None:
    """Readings, hour by hour.

    Args:
        kind (None | str | Unset):
        scope (None | str | Unset):
        from_ (None | str | Unset):
        compare (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | SignalList
    """

    return (
        await asyncio_detailed(
            client=client,
            kind=kind,
            scope=scope,
            from_=from_,
            compare=compare,
        )
    ).parsed
