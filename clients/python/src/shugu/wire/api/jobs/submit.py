from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.refused import Refused
from ...models.submit_form import SubmitForm
from ...models.submitted import Submitted
from ...models.why_view import WhyView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: SubmitForm,
    dry_run: bool | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/jobs",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Refused | Submitted | WhyView | None:
    if response.status_code == 200:
        response_200 = WhyView.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = Submitted.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Refused.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Refused.from_dict(response.json())

        return response_401

    if response.status_code == 402:
        response_402 = Refused.from_dict(response.json())

        return response_402

    if response.status_code == 403:
        response_403 = Refused.from_dict(response.json())

        return response_403

    if response.status_code == 409:
        response_409 = Refused.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Refused.from_dict(response.json())

        return response_413

    if response.status_code == 422:
        response_422 = Refused.from_dict(response.json())

        return response_422

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Refused | Submitted | WhyView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SubmitForm,
    dry_run: bool | Unset = UNSET,
) -> Response[Refused | Submitted | WhyView]:
    """Submits a job, or many at once: an object or an array of objects. Answered when durable. 422 with
    the numbers if
    no pool could ever hold it; in a batch each job stands for itself.

    Args:
        dry_run (bool | Unset):
        body (SubmitForm): A job to be submitted. Everything but the command has a default.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | Submitted | WhyView]
    """

    kwargs = _get_kwargs(
        body=body,
        dry_run=dry_run,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: SubmitForm,
    dry_run: bool | Unset = UNSET,
) -> Refused | Submitted | WhyView | None:
    """Submits a job, or many at once: an object or an array of objects. Answered when durable. 422 with
    the numbers if
    no pool could ever hold it; in a batch each job stands for itself.

    Args:
        dry_run (bool | Unset):
        body (SubmitForm): A job to be submitted. Everything but the command has a default.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | Submitted | WhyView
    """

    return sync_detailed(
        client=client,
        body=body,
        dry_run=dry_run,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SubmitForm,
    dry_run: bool | Unset = UNSET,
) -> Response[Refused | Submitted | WhyView]:
    """Submits a job, or many at once: an object or an array of objects. Answered when durable. 422 with
    the numbers if
    no pool could ever hold it; in a batch each job stands for itself.

    Args:
        dry_run (bool | Unset):
        body (SubmitForm): A job to be submitted. Everything but the command has a default.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Refused | Submitted | WhyView]
    """

    kwargs = _get_kwargs(
        body=body,
        dry_run=dry_run,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: SubmitForm,
    dry_run: bool | Unset = UNSET,
) -> Refused | Submitted | WhyView | None:
    """Submits a job, or many at once: an object or an array of objects. Answered when durable. 422 with
    the numbers if
    no pool could ever hold it; in a batch each job stands for itself.

    Args:
        dry_run (bool | Unset):
        body (SubmitForm): A job to be submitted. Everything but the command has a default.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Refused | Submitted | WhyView
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            dry_run=dry_run,
        )
    ).parsed
